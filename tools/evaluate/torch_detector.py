"""The network in torch as a detector."""

from collections.abc import Callable, Sequence

import numpy as np
import torch
from numpy.typing import NDArray

from anoncam.detectors.detector import Detections
from anoncam.detectors.tflite.heads import yunet
from anoncam.detectors.tflite.heads.head import Tensor
from tools.evaluate.detectors import FLOOR, PictureDetector
from tools.network.enlargement import for_size
from tools.network.layout import HEADS, OUTPUTS, STRIDES, Size
from tools.network.yunet import YuNet


def torch_detector(network: YuNet, size: Size, name: str = "checkpoint") -> PictureDetector:
    """The network in float32, for pictures of `size`."""
    sized, decode = for_size(network, size), float_decoder(size)

    def detect(picture: NDArray[np.uint8]) -> Detections:
        with torch.no_grad():
            outputs = sized(torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255)
        return decode([output.numpy() for output in outputs])

    return PictureDetector(name, size.width, size.height, detect)


def float_decoder(size: Size) -> Callable[[Sequence[NDArray[np.float32]]], Detections]:
    """Make a decoder for float outputs of all heads, in the order of `layout.OUTPUTS`."""
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
    return lambda outputs: decode(lambda index: outputs[index], FLOOR)[0]
