"""The raw heads of YuNet: class, objectness and box for three grids of cells.

The outputs are named for 8, 16 and 32: the pixels per cell in the picture that the network works
on. The network may enlarge its input first. So the size of a cell in pixels of the input follows
from the number of cells.

At column c and row r, with cells of s x t pixels:
score = sqrt(sigmoid(cls) * sigmoid(obj)), centre = ((c + dx) s, (r + dy) t),
size = (exp(dw) s, exp(dh) t).

Source: Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector", 2023.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anoncam.detectors.detector import Detections
from anoncam.detectors.suppression import suppress
from anoncam.detectors.tflite.heads.head import Decode, ReadTensor, Tensor, dequantised
from anoncam.errors import ModelError

STRIDES = (8, 16, 32)

_MOST_DELTA = 10.0
"""Limit of dw and dh, so that no box becomes infinite."""

_REMEDY = "name the model's true head in its sidecar .json"


@dataclass(frozen=True)
class _Level:
    columns: int
    cell: NDArray[np.float32]
    """Its width and height, in pixels of the input."""
    score: Tensor
    objectness: Tensor
    box: Tensor


def decoder(outputs: list[Tensor], width: int, height: int) -> Decode:
    """Make a decoder for outputs named `cls_S`, `obj_S` and `bbox_S` for each stride S.

    Their shapes are (1, rows, columns, n).

    Raises:
        ModelError: an output is missing, or the cells do not cover an input of this size.
    """
    named = {output.name: output for output in outputs}
    try:
        heads = [
            (stride, named[f"cls_{stride}"], named[f"obj_{stride}"], named[f"bbox_{stride}"])
            for stride in STRIDES
        ]
    except KeyError as error:
        raise ModelError(
            f"the model has no output {error}, which a yunet head needs;"
            f" it has {', '.join(named) or 'none'}",
            _REMEDY,
        ) from error
    *_, (coarsest, first, _, _) = heads
    rows, columns = (
        first.shape[1:3] if len(first.shape) == 4 else (height // coarsest, width // coarsest)
    )
    if rows * coarsest < height or columns * coarsest < width:
        raise ModelError(
            f"the output {first.name} has shape {list(first.shape)}: too few cells for"
            f" {width}x{height} pixels",
            _REMEDY,
        )
    levels = []
    for stride, score, objectness, box in heads:
        finer = coarsest // stride
        grid = (rows * finer, columns * finer)
        for output, depth in ((score, 1), (objectness, 1), (box, 4)):
            if output.shape != (1, *grid, depth):
                raise ModelError(
                    f"the output {output.name} has shape {list(output.shape)}, a yunet head has"
                    f" {[1, *grid, depth]}",
                    _REMEDY,
                )
        cell = np.array((width / grid[1], height / grid[0]), np.float32)
        levels.append(_Level(grid[1], cell, score, objectness, box))

    def decode(read: ReadTensor, floor: float) -> tuple[Detections, bool]:
        return suppress(np.concatenate([_read_level(level, read, floor) for level in levels])), True

    return decode


def _read_level(level: _Level, read: ReadTensor, floor: float) -> Detections:
    squared = _sigmoid(level.score, read).reshape(-1) * _sigmoid(level.objectness, read).reshape(-1)
    (cells,) = np.nonzero(squared >= floor * floor)
    deltas = dequantised(read(level.box.index).reshape(-1, 4)[cells], level.box)
    corners = np.stack((cells % level.columns, cells // level.columns), axis=1)
    size = np.exp(np.clip(deltas[:, 2:], -_MOST_DELTA, _MOST_DELTA)) * level.cell
    start = (corners + deltas[:, :2]) * level.cell - size / 2
    return np.column_stack((start, size, np.sqrt(squared[cells]))).astype(np.float32)


def _sigmoid(tensor: Tensor, read: ReadTensor) -> NDArray[np.float32]:
    stored = read(tensor.index)
    if stored.dtype != np.int8:
        return np.asarray(1 / (1 + np.exp(-dequantised(stored, tensor))))
    # Only 256 values can occur, and a look-up is faster than an exponential.
    table = 1 / (1 + np.exp(-dequantised(np.arange(256, dtype=np.uint8).view(np.int8), tensor)))
    return np.asarray(table.astype(np.float32)[stored.view(np.uint8)])
