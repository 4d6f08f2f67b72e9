"""Chooses the decoder that turns the outputs of a model into detections."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from anoncam.detectors.detector import Detections
from anoncam.errors import DetectorError, ModelError


@dataclass(frozen=True)
class Tensor:
    """An output of the model, as the runtime describes it.

    The real value is scale * (stored - zero_point).
    """

    index: int
    name: str
    shape: tuple[int, ...]
    scale: float
    zero_point: int


ReadTensor = Callable[[int], NDArray[Any]]
"""Reads the stored values of an output by its index."""

Decode = Callable[[ReadTensor, float], tuple[Detections, bool]]
"""Returns the detections at or above a score, in pixels of the input, and whether they are all."""


def choose(head: str, outputs: list[Tensor], width: int, height: int) -> Decode:
    """Choose the decoder by the `head` of the sidecar, or by the outputs where it is empty.

    Raises:
        ModelError: there is no decoder for these outputs.
    """
    from anoncam.detectors.tflite.heads import ssd, yunet  # noqa: PLC0415 - they use this module's types

    kinds: Mapping[str, Callable[[list[Tensor], int, int], Decode]] = {
        "yunet": yunet.decoder,
        "ssd": ssd.decoder,
    }
    kind = head or ("ssd" if ssd.matches(outputs) else "")
    if kind not in kinds:
        shapes = ", ".join(str(list(output.shape)) for output in outputs)
        raise ModelError(
            f"this is not a face detector that is known here: its outputs are {shapes}",
            'name its head in a sidecar .json, e.g. {"head": "yunet"};'
            f" known: {', '.join(kinds)}",
        )
    return kinds[kind](outputs, width, height)


def dequantised(stored: NDArray[Any], tensor: Tensor) -> NDArray[np.float32]:
    """Convert the stored values of an output to real ones, float32 of the same shape.

    Raises:
        DetectorError: some are NaN or infinite; comparisons would treat them as "no face".
    """
    real: NDArray[np.float32] = stored.astype(np.float32)
    if stored.dtype.kind == "f" and not np.isfinite(real).all():
        raise DetectorError(
            f"the output {tensor.name} of the model holds values that are no numbers"
        )
    return real if tensor.scale == 0 else (real - tensor.zero_point) * np.float32(tensor.scale)
