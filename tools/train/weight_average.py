"""A running average of a network's weights, which detects better than any single step."""

import copy

import torch
from torch import nn


@torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
def move_towards(network: nn.Module, other: nn.Module, share: float) -> None:
    """Make the weights of `network` a mean, in which those of `other` have a `share`."""
    for value, now in zip(network.state_dict().values(), other.state_dict().values(), strict=True):
        if value.dtype.is_floating_point:
            value.lerp_(now, share)
        else:
            value.copy_(now)


class WeightAverage:
    """Follows a network that is trained; `network` has the averaged weights."""

    def __init__(self, network: nn.Module, decay: float = 0.998) -> None:
        self.network = copy.deepcopy(network).eval()
        self._decay = decay
        self.steps = 0

    def update(self, network: nn.Module) -> None:
        """Move the average towards the weights of `network`, faster in the first steps."""
        self.steps += 1
        decay = min(self._decay, (1 + self.steps) / (10 + self.steps))
        move_towards(self.network, network, 1 - decay)
