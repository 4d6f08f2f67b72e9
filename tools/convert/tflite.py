"""From a network in torch to the bytes of a TFLite file."""

import litert_torch
import numpy as np
import torch
from numpy.typing import NDArray
from torch import nn

from tools.common.quiet import quiet
from tools.convert.bias_correction import correct_bias
from tools.convert.cross_layer_equalisation import equalise
from tools.convert.operator_versions import set_operator_versions
from tools.convert.quantisation import quantise
from tools.network.layout import OUTPUTS

INPUT = "image"


def to_float_tflite(network: nn.Module, width: int, height: int) -> bytes:
    """Convert to TFLite in float32.

    The input is RGB from 0 to 1, of shape (1, height, width, 3). The outputs are raw.
    """
    with quiet():
        channels_last = litert_torch.to_channel_last_io(network, args=[0]).eval()
        edge_model = litert_torch.convert(channels_last, (torch.zeros(1, height, width, 3),))
        return bytes(edge_model.model_content())


def to_int8_tflite(network: nn.Module, pictures: list[NDArray[np.uint8]]) -> bytes:
    """Convert to TFLite in int8, calibrated with RGB `pictures` of the shape of the input."""
    height, width, _ = pictures[0].shape
    model = to_float_tflite(equalise(network, pictures), width, height)
    with quiet():
        quantised = correct_bias(quantise(model, pictures), model, pictures)
    return set_operator_versions(quantised, INPUT, OUTPUTS, "anoncam face detector")
