"""YuNet-n in torch, without its landmark heads.

After Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector" (2023). The layers have the
names of the published checkpoints, so that these load without a table of names.
"""

from collections import OrderedDict
from typing import cast

from torch import Tensor, nn
from torch.nn import functional

from tools.network.layout import HEADS, STRIDES

_CHANNELS = 64


def _unit(inputs: int, outputs: int, *, activated: bool = True) -> nn.Sequential:
    """Make a pointwise and a depthwise convolution, normalised and rectified if `activated`."""
    layers: dict[str, nn.Module] = {
        "conv1": nn.Conv2d(inputs, outputs, 1),
        "conv2": nn.Conv2d(outputs, outputs, 3, padding=1, groups=outputs),
    }
    if activated:
        layers |= {"bn": nn.BatchNorm2d(outputs), "relu": nn.ReLU()}
    return nn.Sequential(OrderedDict(layers))


def _stem() -> nn.Sequential:
    return nn.Sequential(
        OrderedDict(
            conv1=nn.Conv2d(3, 16, 3, stride=2, padding=1),
            bn1=nn.BatchNorm2d(16),
            relu=nn.ReLU(),
            conv2=_unit(16, 16),
        )
    )


def _stage(inputs: int) -> nn.Sequential:
    return nn.Sequential(OrderedDict(conv1=_unit(inputs, inputs), conv2=_unit(inputs, _CHANNELS)))


class YuNet(nn.Module):  # type: ignore[misc, unused-ignore]  # where torch is not installed, its types are Any
    """The network: from a picture to the raw outputs of a grid of cells for each stride.

    `forward` takes float32 of shape (n, 3, height, width), the sides multiples of 32. It returns
    one tensor for each name of `layout.OUTPUTS`, of shape (n, height / stride, width / stride,
    channels). At the cell of column c and row r, in pixels:

        score  = sqrt(sigmoid(cls) * sigmoid(obj))
        centre = ((c + bbox[0]) * stride, (r + bbox[1]) * stride)
        size   = (exp(bbox[2]) * stride, exp(bbox[3]) * stride)
    """

    def __init__(self) -> None:
        super().__init__()
        self.backbone = nn.ModuleDict({"model0": _stem(), "model1": _stage(16)})
        self.backbone.update({f"model{index}": _stage(_CHANNELS) for index in range(2, 6)})
        self.neck = nn.ModuleDict(
            {"lateral_convs": nn.ModuleList(_unit(_CHANNELS, _CHANNELS) for _ in STRIDES)}
        )
        shared = nn.ModuleList(nn.Sequential(_unit(_CHANNELS, _CHANNELS)) for _ in STRIDES)
        self.bbox_head = nn.ModuleDict({"multi_level_share_convs": shared})
        for head, channels in HEADS.items():
            ends = nn.ModuleList(_unit(_CHANNELS, channels, activated=False) for _ in STRIDES)
            self.bbox_head[f"multi_level_{head}"] = ends

    def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
        """Compute the outputs of all cells, in the order of `layout.OUTPUTS`."""
        values = []
        for level, features in enumerate(self._merge(self._features(picture))):
            shared = self._level("multi_level_share_convs", level)(features)
            values += [
                self._level(f"multi_level_{head}", level)(shared).permute(0, 2, 3, 1)
                for head in HEADS
            ]
        return tuple(values)

    def _features(self, picture: Tensor) -> list[Tensor]:
        """The features of strides 8, 16 and 32."""
        features = []
        for index in range(6):
            picture = self.backbone[f"model{index}"](picture)
            if index >= 3:
                features.append(picture)
            if index not in (1, 5):
                picture = functional.max_pool2d(picture, 2)
        return features

    def _merge(self, features: list[Tensor]) -> list[Tensor]:
        lateral = cast("nn.ModuleList", self.neck["lateral_convs"])
        for level in (2, 1):
            features[level] = lateral[level](features[level])
            features[level - 1] = features[level - 1] + functional.interpolate(
                features[level], scale_factor=2.0
            )
        features[0] = lateral[0](features[0])
        return features

    def _level(self, name: str, level: int) -> nn.Module:
        return cast("nn.ModuleList", self.bbox_head[name])[level]
