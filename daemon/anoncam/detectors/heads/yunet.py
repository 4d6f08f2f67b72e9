"""The raw heads of YuNet: class, objectness and box at strides 8, 16 and 32, and at 4 where the model has such.

At column c and row r of stride s: score = sqrt(sigmoid(cls) * sigmoid(obj)), centre = ((c + dx) s, (r + dy) s),
size = (exp(dw) s, exp(dh) s). Source: Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anoncam.detectors import Detections
from anoncam.detectors.heads import Decode, ReadTensor, Tensor, dequantised
from anoncam.detectors.suppression import suppress
from anoncam.errors import ModelError

STRIDES = (8, 16, 32)
FINE_STRIDE = 4

_MOST_DELTA = 10.0


@dataclass(frozen=True)
class _Level:
    stride: int
    columns: int
    score: Tensor
    objectness: Tensor
    box: Tensor


def decoder(outputs: list[Tensor], width: int, height: int) -> Decode:
    """A decoder over outputs named `cls_S`, `obj_S` and `bbox_S` for each stride S, of shape (1, rows, columns, n)."""
    named = {output.name: output for output in outputs}
    strides = (FINE_STRIDE, *STRIDES) if f"cls_{FINE_STRIDE}" in named else STRIDES
    try:
        levels = [
            _Level(stride, width // stride, named[f"cls_{stride}"], named[f"obj_{stride}"], named[f"bbox_{stride}"])
            for stride in strides
        ]
    except KeyError as error:
        raise ModelError(
            f"the model has no output {error}, which a yunet head needs; it has {', '.join(named) or 'none'}",
            "name the model's true head in its sidecar .json",
        ) from error
    for level in levels:
        for output, depth in ((level.score, 1), (level.objectness, 1), (level.box, 4)):
            wanted = (1, height // level.stride, level.columns, depth)
            if output.shape != wanted:
                raise ModelError(
                    f"the output {output.name} has shape {list(output.shape)}, a yunet head has {list(wanted)}",
                    "name the model's true head in its sidecar .json",
                )

    def decode(read: ReadTensor, floor: float) -> tuple[Detections, bool]:
        return suppress(np.concatenate([_read_level(level, read, floor) for level in levels])), True

    return decode


def _read_level(level: _Level, read: ReadTensor, floor: float) -> Detections:
    squared = _sigmoid(level.score, read).reshape(-1) * _sigmoid(level.objectness, read).reshape(-1)
    (cells,) = np.nonzero(squared >= floor * floor)
    deltas = dequantised(read(level.box.index).reshape(-1, 4)[cells], level.box)
    corners = np.stack((cells % level.columns, cells // level.columns), axis=1)
    size = np.exp(np.clip(deltas[:, 2:], -_MOST_DELTA, _MOST_DELTA)) * level.stride
    start = (corners + deltas[:, :2]) * level.stride - size / 2
    return np.column_stack((start, size, np.sqrt(squared[cells]))).astype(np.float32)


def _sigmoid(tensor: Tensor, read: ReadTensor) -> NDArray[np.float32]:
    stored = read(tensor.index)
    if stored.dtype != np.int8:
        return np.asarray(1 / (1 + np.exp(-dequantised(stored, tensor))))
    # Only 256 values can occur: one look-up each instead of an exponential.
    table = 1 / (1 + np.exp(-dequantised(np.arange(256, dtype=np.uint8).view(np.int8), tensor)))
    return np.asarray(table.astype(np.float32)[stored.view(np.uint8)])
