"""Runs a loaded model on pictures, and decodes its outputs to detections."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from anoncam.detectors.detector import Detections
from anoncam.detectors.tflite.heads import head
from anoncam.detectors.tflite.heads.head import Tensor
from anoncam.detectors.tflite.runtime import Loaded
from anoncam.errors import ModelError


class FaceModel:
    """A model that is ready to run on pictures of `width` x `height` pixels.

    >>> model = FaceModel(load(find("auto"), "cpu", "auto", threads=1))
    >>> model.infer(picture)
    >>> detections, complete = model.read(floor=0.2)

    Raises:
        ModelError: its input is not a picture of bytes, or its outputs cannot be decoded.
    """

    def __init__(self, loaded: Loaded) -> None:
        self._interpreter = loaded.interpreter
        entry = _input(loaded)
        self._input_index = entry["index"]
        self._signed = entry["dtype"] is np.int8
        _, self.height, self.width, _ = (int(side) for side in entry["shape"])
        outputs = [_tensor(detail) for detail in self._interpreter.get_output_details()]
        self._decode = head.choose(loaded.model.head, outputs, self.width, self.height)

    def infer(self, picture: NDArray[np.uint8]) -> None:
        """Run the model on `picture`, uint8 RGB of shape (height, width, 3)."""
        # A quantised input takes the values 0 to 255 as they are. As int8, such a byte has its top
        # bit flipped.
        stored = (picture ^ 0x80).view(np.int8) if self._signed else picture
        self._interpreter.set_tensor(self._input_index, stored[None])
        self._interpreter.invoke()

    def read(self, floor: float) -> tuple[Detections, bool]:
        """Return the detections that score at least `floor`, and whether they are complete.

        Boxes are in pixels of the picture.
        """
        return self._decode(self._interpreter.get_tensor, floor)


def _input(loaded: Loaded) -> dict[str, Any]:
    entries = loaded.interpreter.get_input_details()
    shapes = [[int(side) for side in entry["shape"]] for entry in entries]
    if len(shapes) != 1 or len(shapes[0]) != 4 or shapes[0][0] != 1 or shapes[0][3] != 3:
        inputs = " and ".join(map(str, shapes)) or "missing"
        raise ModelError(
            f"{loaded.model.path} does not take one RGB picture: its input is {inputs}",
            "it must be [1, height, width, 3]",
        )
    if entries[0]["dtype"] not in (np.int8, np.uint8):
        raise ModelError(
            f"{loaded.model.path} is not quantised to 8 bits", "convert it to full-integer int8"
        )
    return dict(entries[0])


def _tensor(detail: dict[str, Any]) -> Tensor:
    scale, zero_point = detail["quantization"]
    shape = tuple(int(side) for side in detail["shape"])
    return Tensor(int(detail["index"]), str(detail["name"]), shape, float(scale), int(zero_point))
