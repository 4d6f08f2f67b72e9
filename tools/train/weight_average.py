"""A running average of a network's weights, which detects better than any single step."""

import copy

import torch
from torch import nn


class WeightAverage:
    """Follows a network that is trained; `network` has the averaged weights."""

    def __init__(self, network: nn.Module, decay: float = 0.998) -> None:
        self.network = copy.deepcopy(network).eval()
        self._decay = decay
        self.steps = 0

    @torch.no_grad()  # type: ignore[untyped-decorator, unused-ignore]
    def update(self, network: nn.Module) -> None:
        """Move the average towards the weights of `network`, faster in the first steps."""
        self.steps += 1
        decay = min(self._decay, (1 + self.steps) / (10 + self.steps))
        for average, now in zip(
            self.network.state_dict().values(), network.state_dict().values(), strict=True
        ):
            if average.dtype.is_floating_point:
                average.lerp_(now, 1 - decay)
            else:
                average.copy_(now)
