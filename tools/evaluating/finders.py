"""Detectors of any format behind one call: a letterboxed picture in, detections out."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

import numpy as np
import torch
from numpy.typing import NDArray
from PIL import Image

from anoncam.detectors import Detections
from anoncam.detectors.heads import Tensor, yunet
from tools.dataset import Labelled
from tools.layout import HEADS, OUTPUTS, STRIDES
from tools.pictures import letterbox
from tools.yunet import YuNet

FLOOR = 0.02
"""The least score that is looked at: below, nothing changes an average precision by a thousandth."""


@dataclass
class Finder:
    """A detector for pictures of `width` x `height`; `find` takes uint8 RGB of shape (height, width, 3)."""

    name: str
    width: int
    height: int
    find: Callable[[NDArray[np.uint8]], Detections]
    latencies: list[float] = field(default_factory=list)

    def find_in(self, labelled: Labelled) -> Detections:
        """What is found in a picture, best first, in its own pixels."""
        with Image.open(labelled.path) as opened:
            scale = min(self.width / opened.width, self.height / opened.height)
            picture = letterbox(opened, self.width, self.height)
        begun = time.perf_counter()
        found = self.find(picture).astype(np.float32)
        self.latencies.append(time.perf_counter() - begun)
        found[:, :4] /= scale
        return found


def torch_finder(network: YuNet, width: int, height: int, name: str = "checkpoint") -> Finder:
    """The network itself, in float32."""
    decode = float_decoder(width, height)

    def find(picture: NDArray[np.uint8]) -> Detections:
        with torch.no_grad():
            answers = network(torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255)
        return decode([answer.numpy() for answer in answers])

    return Finder(name, width, height, find)


def float_decoder(width: int, height: int) -> Callable[[Sequence[NDArray[np.float32]]], Detections]:
    """Reads detections from the real values of all heads, in the order of `layout.OUTPUTS`."""
    shapes = [(1, height // stride, width // stride, depth) for stride in STRIDES for depth in HEADS.values()]
    tensors = [
        Tensor(index, name, shape, 0.0, 0) for index, (name, shape) in enumerate(zip(OUTPUTS, shapes, strict=True))
    ]
    decode = yunet.decoder(tensors, width, height)
    return lambda answers: decode(lambda index: answers[index], FLOOR)[0]
