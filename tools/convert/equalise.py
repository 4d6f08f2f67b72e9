"""Prepare a network for quantisation: bring the channels between two convolutions to one range, at
no cost.

A tensor of activations has one scale in int8, so a channel of small values among large ones is left
with few steps. After Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias
Correction" (2019), but between a pointwise and a depthwise convolution only: nothing but a factor
stands between them, and the weights of both have a scale for each channel, so the network
calculates the same as before and the weights lose nothing.
"""

import copy
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


def equalise(network: nn.Module, pictures: Iterable[NDArray[np.uint8]]) -> nn.Module:
    """A copy of `network` that answers the same, every pointwise channel reaching 1 at most over
    `pictures`.

    `pictures` are RGB, uint8, of shape (height, width, 3).
    """
    network = copy.deepcopy(network)
    units = list(_units(network))
    with torch.no_grad():
        for (pointwise, depthwise), peak in zip(
            units, _peaks(network, [pointwise for pointwise, _ in units], pictures), strict=True
        ):
            assert pointwise.bias is not None
            # A channel that never says anything keeps its scale.
            factor = torch.where(peak > 0, peak, 1.0)
            pointwise.weight /= factor[:, None, None, None]
            pointwise.bias /= factor
            depthwise.weight *= factor[:, None, None, None]
    return network


def _units(network: nn.Module) -> Iterator[tuple[nn.Conv2d, nn.Conv2d]]:
    """Every pointwise convolution with the depthwise one that follows it."""
    for module in network.modules():
        pointwise, depthwise = getattr(module, "conv1", None), getattr(module, "conv2", None)
        if isinstance(pointwise, nn.Conv2d) and isinstance(depthwise, nn.Conv2d):
            yield pointwise, depthwise


def _peaks(
    network: nn.Module, layers: list[nn.Conv2d], pictures: Iterable[NDArray[np.uint8]]
) -> list[Tensor]:
    """The largest magnitude of each output channel of each of `layers`."""
    peaks: dict[nn.Module, Tensor] = {}

    def observe(layer: nn.Module, _inputs: Any, output: Tensor) -> None:  # noqa: ANN401  # torch's own signature
        peak = output.abs().amax((0, 2, 3))
        peaks[layer] = torch.maximum(peaks[layer], peak) if layer in peaks else peak

    hooks = [layer.register_forward_hook(observe) for layer in layers]
    for picture in pictures:
        network(torch.from_numpy(picture).permute(2, 0, 1)[None] / 255)
    for hook in hooks:
        hook.remove()
    return [peaks[layer] for layer in layers]
