"""YuNet-n in torch, without its landmark heads, and with an enlargement of its input where wanted:
what anoncam ships.

After Wu, Peng and Yu, "YuNet: A Tiny Millisecond-level Face Detector" (2023). The names of the
layers are those of the published checkpoints, so that these load without a table of names.
"""

import pickle
from collections import OrderedDict
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import torch
from torch import Tensor, nn
from torch.nn import functional

from anoncam.errors import ModelError
from tools.network.layout import HEADS, STRIDES, Size

_CHANNELS = 64

_RGB = "RGB from 0 to 1"


def load_checkpoint(path: Path) -> "YuNet":
    """Load a checkpoint, published or of `tools.train`, for pictures in RGB from 0 to 1.

    The published weights expect BGR from 0 to 255; the first convolution takes the difference in.

    Raises:
        ModelError: the file is no checkpoint, or one of another network.
    """
    try:
        content = torch.load(path, map_location="cpu", weights_only=True)
        state = content["state_dict"]
    except (OSError, RuntimeError, LookupError, TypeError, pickle.UnpicklingError) as error:
        raise ModelError(
            f"{path}: not a torch checkpoint with a state_dict", "pass a YuNet-n .pth file"
        ) from error
    network = YuNet()
    try:
        network.load_state_dict(
            {name: value for name, value in state.items() if "_kps." not in name}
        )
    except RuntimeError as error:
        raise ModelError(
            f"{path}: its weights are not those of YuNet-n", "pass a YuNet-n .pth file"
        ) from error
    if content.get("input") != _RGB:
        first = cast("nn.Conv2d", network.backbone["model0"].get_submodule("conv1"))
        with torch.no_grad():
            first.weight.copy_(first.weight.flip(1) * 255)
    network.eval()
    return network


def save_checkpoint(network: "YuNet", path: Path, record: Mapping[str, object]) -> None:
    """Write the weights of `network`, and `record`, which says where they come from: whole or not
    at all.
    """
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    partial = path.with_suffix(".partial")
    torch.save({"state_dict": state, "input": _RGB, **record}, partial)
    partial.replace(path)


def _unit(inputs: int, outputs: int, *, activated: bool = True) -> nn.Sequential:
    """A pointwise convolution, then a depthwise one; only what is not a head's end is normalised
    and rectified.
    """
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
    """The network: a picture in, raw answers of a grid of cells for each of `layout.STRIDES` out.

    `forward` takes float32 of shape (n, 3, height, width), the sides multiples of 32, and returns
    one tensor for each name of `layout.OUTPUTS`, shape (n, height / stride, width / stride,
    channels). At the cell of column c and row
    r: score = sqrt(sigmoid(cls) * sigmoid(obj)), centre = ((c + bbox[0]) * stride, (r + bbox[1]) *
    stride), width and height = exp(bbox[2]) * stride, exp(bbox[3]) * stride.
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
        """DetectionResult for each cell, in the order of `layout.OUTPUTS`."""
        answers = []
        for level, features in enumerate(self._merge(self._features(picture))):
            shared = self._level("multi_level_share_convs", level)(features)
            answers += [
                self._level(f"multi_level_{head}", level)(shared).permute(0, 2, 3, 1)
                for head in HEADS
            ]
        return tuple(answers)

    def _features(self, picture: Tensor) -> list[Tensor]:
        """Those of strides 8, 16 and 32."""
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


class Enlarging(nn.Module):  # type: ignore[misc, unused-ignore]
    """A network behind an enlargement of its input: faces too small for it become large enough.

    Bilinear, with the middles of the corner pixels on each other: TensorFlow writes that in version
    2 of its operator, while pixels laid area on area take version 3, which compilers of the Edge
    TPU have refused. The two place a face at most a tenth of a pixel apart.
    """

    def __init__(self, network: YuNet, width: int, height: int) -> None:
        super().__init__()
        self.network = network
        self.shape = (height, width)

    def forward(self, picture: Tensor) -> tuple[Tensor, ...]:
        """DetectionResult for each cell of the enlarged picture."""
        enlarged = functional.interpolate(
            picture, size=self.shape, mode="bilinear", align_corners=True
        )
        return cast("tuple[Tensor, ...]", self.network(enlarged))


def for_size(network: YuNet, size: Size) -> nn.Module:
    """`network` as a model of this size runs it."""
    if not size.enlarges:
        return network
    return Enlarging(network, size.enlarged_width, size.enlarged_height).eval()
