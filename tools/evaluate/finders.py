"""Detectors of any format behind one call: a letterboxed picture in, detections out."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from anoncam.detectors import model_file
from anoncam.detectors.detector import Detections
from anoncam.detectors.suppression import suppress
from anoncam.detectors.tflite.heads import yunet
from anoncam.detectors.tflite.heads.head import Tensor
from anoncam.detectors.tflite.runtime import load
from anoncam.errors import ModelError
from tools.common.pictures import letterbox
from tools.dataset.dataset import LabelledPicture
from tools.network.checkpoint import load_checkpoint
from tools.network.enlargement import for_size
from tools.network.layout import HEADS, OUTPUTS, STRIDES, Size
from tools.network.yunet import YuNet

if TYPE_CHECKING:
    from tools.convert.layers import LayeredNetwork
    from tools.convert.mil import Program

FLOOR = 0.02
"""The least score that is looked at: below, nothing changes an average precision by a
thousandth."""


@dataclass
class Finder:
    """A detector for pictures of `width` x `height`; `find` takes uint8 RGB of shape (height,
    width, 3).
    """

    name: str
    width: int
    height: int
    find: Callable[[NDArray[np.uint8]], Detections]
    latencies: list[float] = field(default_factory=list)

    def find_in(self, labelled: LabelledPicture) -> Detections:
        """What is found in a picture, best first, in its own pixels."""
        with Image.open(labelled.path) as opened:
            scale = min(self.width / opened.width, self.height / opened.height)
            picture = letterbox(opened, self.width, self.height)
        # Of the processor: whatever else the machine does.
        begun = time.process_time()
        found = self.find(picture).astype(np.float32)
        self.latencies.append(time.process_time() - begun)
        found[:, :4] /= scale
        return found


def torch_finder(network: YuNet, size: Size, name: str = "checkpoint") -> Finder:
    """The network itself, in float32."""
    sized, decode = for_size(network, size), float_decoder(size)

    def find(picture: NDArray[np.uint8]) -> Detections:
        with torch.no_grad():
            answers = sized(torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255)
        return decode([answer.numpy() for answer in answers])

    return Finder(name, size.width, size.height, find)


def float_decoder(size: Size) -> Callable[[Sequence[NDArray[np.float32]]], Detections]:
    """Reads detections from the real values of all heads, in the order of `layout.OUTPUTS`."""
    shapes = [
        (1, size.enlarged_height // stride, size.enlarged_width // stride, depth)
        for stride in STRIDES
        for depth in HEADS.values()
    ]
    tensors = [
        Tensor(index, name, shape, 0.0, 0)
        for index, (name, shape) in enumerate(zip(OUTPUTS, shapes, strict=True))
    ]
    decode = yunet.decoder(tensors, size.width, size.height)
    return lambda answers: decode(lambda index: answers[index], FLOOR)[0]


def tflite_finder(path: Path, threads: int = 1) -> Finder:
    """A TFLite file as the daemon runs it: its decoder, the runtime's own kernels."""
    model = model_file.find(str(path))
    loaded = load(model, "cpu", "auto", threads)
    interpreter = loaded.interpreter
    entry = interpreter.get_input_details()[0]
    _, height, width, _ = (int(side) for side in entry["shape"])
    outputs = [
        Tensor(
            detail["index"],
            detail["name"],
            tuple(int(side) for side in detail["shape"]),
            float(detail["quantization"][0]),
            int(detail["quantization"][1]),
        )
        for detail in interpreter.get_output_details()
    ]
    decode = yunet.decoder(outputs, width, height)

    def find(picture: NDArray[np.uint8]) -> Detections:
        given = (
            (picture ^ 0x80).view(np.int8)
            if entry["dtype"] == np.int8
            else picture.astype(np.float32) / 255
        )
        interpreter.set_tensor(entry["index"], given[None])
        interpreter.invoke()
        return decode(interpreter.get_tensor, FLOOR)[0]

    return Finder(path.name, width, height, find)


def coreml_finder(path: Path) -> Finder:
    """A saved CoreML package or `.mlmodel`, evaluated here; suppression as in the daemon."""
    from tools.convert.coreml import SCORE_POWER  # noqa: PLC0415 - coremltools takes seconds to import

    program = open_coreml(path)
    power = float(program.specification.description.metadata.userDefined[SCORE_POWER])

    def find(picture: NDArray[np.uint8]) -> Detections:
        answers = program.run(picture)
        confidence, places = (
            answers["raw_confidence"][:, 0],
            answers["raw_coordinates"].astype(np.float32),
        )
        # Back to the detector's own score, so that models are compared at one threshold.
        scores = confidence.astype(np.float64) ** (1 / power)
        kept = scores >= FLOOR
        size = places[kept, 2:] * (program.width, program.height)
        start = places[kept, :2] * (program.width, program.height) - size / 2
        return suppress(np.column_stack((start, size, scores[kept])).astype(np.float32))

    return Finder(path.name, program.width, program.height, find)


def open_coreml(path: Path) -> "Program | LayeredNetwork":
    """What evaluates a CoreML package (a program) or a `.mlmodel` (a neural network)."""
    from tools.convert.layers import LayeredNetwork  # noqa: PLC0415 - coremltools takes seconds to import
    from tools.convert.mil import Program  # noqa: PLC0415

    return LayeredNetwork(path) if path.suffix == ".mlmodel" else Program(path)


def make_finders(path: Path, sizes: list[Size]) -> list[Finder]:
    """The detector in any file: a checkpoint at each of `sizes`, any other at the size that it was
    made for.

    Raises:
        ModelError: the file is none that is known here.
    """
    if path.suffix == ".tflite":
        return [tflite_finder(path)]
    if path.suffix in (".mlpackage", ".mlmodel"):
        return [coreml_finder(path)]
    if path.suffix in (".pt", ".pth"):
        network = load_checkpoint(path)
        return [torch_finder(network, size, name=f"{path.name} {size}") for size in sizes]
    raise ModelError(
        f"{path}: not a known kind of model", "known: .pt, .pth, .tflite, .mlpackage, .mlmodel"
    )
