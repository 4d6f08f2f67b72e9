"""A network with every kind of layer that the detector and its decoding have, for tests of what
evaluates them."""

import torch
from torch import Tensor, nn
from torch.nn import functional

SIDE, ENLARGED = 16, 20
"""Pixels of a picture, and what the network enlarges it to."""


class Everything(nn.Module):  # type: ignore[misc, unused-ignore]  # where torch is not installed, its types are Any
    """Every kind of layer that the detector has, and what its decoding does."""

    def __init__(self) -> None:
        super().__init__()
        self.stem = nn.Conv2d(3, 8, 3, stride=2, padding=1)
        self.deep = nn.Conv2d(8, 8, 3, padding=1, groups=8)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Numbers of the kind that the detector gives."""
        enlarged = functional.interpolate(
            picture, size=(ENLARGED, ENLARGED), mode="bilinear", align_corners=True
        )
        early = functional.relu(self.stem(enlarged))
        late = self.deep(functional.max_pool2d(early, 2))
        both = early + functional.interpolate(late, scale_factor=2.0)
        cells = both.permute(0, 2, 3, 1).flatten(1, 2)
        score = torch.exp(functional.softplus(-cells[0, :, 0]) * -0.1)
        return score[:, None], torch.cat((cells[0, :, :2] * 0.5, cells[0, :, 2:4].exp()), dim=1)


def make_everything() -> Everything:
    """The same weights each time."""
    torch.manual_seed(0)
    network = Everything()
    network.eval()
    return network
