"""Cross-layer equalisation: the channels between two convolutions are brought to one range.

A tensor of activations has one scale in int8, so a channel of small values beside large ones gets
few steps. After Nagel et al., "Data-Free Quantization Through Weight Equalization and Bias
Correction" (2019). Here only pairs of a pointwise and a depthwise convolution are equalised. Only a
factor is between them, and the weights of both have a scale per channel. So the network computes
the same as before, and the weights lose no precision.
"""

import copy
from collections.abc import Iterable, Iterator
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn


def equalise(network: nn.Module, pictures: Iterable[NDArray[np.uint8]]) -> nn.Module:
    """Copy `network` with every pointwise channel scaled to at most 1 over `pictures`.

    The copy computes the same. `pictures` are RGB, uint8, of shape (height, width, 3).
    """
    network = copy.deepcopy(network)
    units = list(_units(network))
    with torch.no_grad():
        for (pointwise, depthwise), peak in zip(
            units, _peaks(network, [pointwise for pointwise, _ in units], pictures), strict=True
        ):
            assert pointwise.bias is not None
            # A channel that is always zero keeps its scale.
            factor = torch.where(peak > 0, peak, 1.0)
            pointwise.weight /= factor[:, None, None, None]
            pointwise.bias /= factor
            depthwise.weight *= factor[:, None, None, None]
    return network


def _units(network: nn.Module) -> Iterator[tuple[nn.Conv2d, nn.Conv2d]]:
    """Yield every pointwise convolution with the depthwise one that follows it."""
    for module in network.modules():
        pointwise, depthwise = getattr(module, "conv1", None), getattr(module, "conv2", None)
        if isinstance(pointwise, nn.Conv2d) and isinstance(depthwise, nn.Conv2d):
            yield pointwise, depthwise


def _peaks(
    network: nn.Module, layers: list[nn.Conv2d], pictures: Iterable[NDArray[np.uint8]]
) -> list[Tensor]:
    """Measure the largest magnitude of each output channel of each of `layers`."""
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
