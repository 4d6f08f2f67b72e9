"""A network behind an enlargement of its input."""

from typing import cast

from torch import Tensor, nn
from torch.nn import functional

from tools.network.layout import Size
from tools.network.yunet import YuNet


class Enlarging(nn.Module):  # type: ignore[misc, unused-ignore]
    """A network that enlarges its input first, so that it finds smaller faces.

    The enlargement is bilinear with aligned corners, which TensorFlow writes in version 2 of its
    operator. Half-pixel centres take version 3, which compilers of the Edge TPU have refused. The
    two place a face at most a tenth of a pixel apart.
    """

    def __init__(self, network: YuNet, width: int, height: int) -> None:
        super().__init__()
        self.network = network
        self.shape = (height, width)

    def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
        """Compute the outputs of all cells of the enlarged picture."""
        enlarged = functional.interpolate(
            picture, size=self.shape, mode="bilinear", align_corners=True
        )
        return cast("tuple[Tensor, ...]", self.network(enlarged))


def for_size(network: YuNet, size: Size) -> nn.Module:
    """`network` behind the enlargement of `size`, if that has one."""
    if not size.enlarges:
        return network
    return Enlarging(network, size.enlarged_width, size.enlarged_height).eval()
