"""From a network in torch to the bytes of a TFLite file."""

import litert_torch
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tools.common.quiet import quiet
from tools.convert.canonical import canonicalise
from tools.convert.equalise import equalise
from tools.convert.quantise import quantise
from tools.convert.unbias import unbias
from tools.network.layout import OUTPUTS

INPUT = "image"


def to_float_tflite(network: nn.Module, width: int, height: int) -> bytes:
    """The network as TFLite in float32: RGB from 0 to 1 in, shape (1, height, width, 3), and the
    raw answers out.
    """
    with quiet():
        channels_last = litert_torch.to_channel_last_io(network, args=[0]).eval()
        edge_model = litert_torch.convert(channels_last, (torch.zeros(1, height, width, 3),))
        return bytes(edge_model.model_content())


def to_int8_tflite(network: nn.Module, pictures: list[NDArray[np.uint8]]) -> bytes:
    """The network as TFLite in int8, calibrated with `pictures`: RGB, all of the shape that the
    model is made for.
    """
    height, width, _ = pictures[0].shape
    model = to_float_tflite(equalise(network, pictures), width, height)
    with quiet():
        quantised = unbias(quantise(model, pictures), model, pictures)
    return canonicalise(quantised, INPUT, OUTPUTS, "anoncam face detector")
