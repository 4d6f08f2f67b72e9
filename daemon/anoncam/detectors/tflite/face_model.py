"""A model that is loaded, from a picture to the faces in it."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from anoncam.detectors.detector import Detections
from anoncam.detectors.tflite.heads import head
from anoncam.detectors.tflite.heads.head import Tensor
from anoncam.detectors.tflite.runtime import Loaded
from anoncam.errors import ModelError


class FaceModel:
    """A model, ready to run on pictures of `width` x `height`.

    >>> model = FaceModel(load(find("auto"), "cpu", "auto", threads=1))
    >>> model.infer(picture)
    >>> detections, complete = model.read(floor=0.2)

    Raises:
        ModelError: it takes no picture of bytes, or its outputs cannot be read.
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
        """Run the model on `picture`, RGB of shape (height, width, 3)."""
        # A quantised input stands for 0…255 as it is: int8 is the same byte with its top bit
        # turned.
        stored = (picture ^ 0x80).view(np.int8) if self._signed else picture
        self._interpreter.set_tensor(self._input_index, stored[None])
        self._interpreter.invoke()

    def read(self, floor: float) -> tuple[Detections, bool]:
        """What scores at least `floor` in the picture, in pixels of it, and whether that is all of
        it.
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
