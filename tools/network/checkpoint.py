"""Checkpoints of YuNet-n: published ones, and those of `tools.train`."""

import pickle
from collections.abc import Mapping
from pathlib import Path
from typing import cast

import torch
from torch import nn

from anoncam.errors import ModelError
from tools.network.yunet import YuNet

_RGB = "RGB from 0 to 1"


def load_checkpoint(path: Path) -> YuNet:
    """Load a checkpoint as a network for pictures in RGB from 0 to 1.

    Published weights expect BGR from 0 to 255. The first convolution is changed accordingly.

    Raises:
        ModelError: the file is not a checkpoint, or belongs to another network.
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
            f"{path}: has weights of another network than YuNet-n", "pass a YuNet-n .pth file"
        ) from error
    if content.get("input") != _RGB:
        first = cast("nn.Conv2d", network.backbone["model0"].get_submodule("conv1"))
        with torch.no_grad():
            first.weight.copy_(first.weight.flip(1) * 255)
    network.eval()
    return network


def save_checkpoint(network: YuNet, path: Path, record: Mapping[str, object]) -> None:
    """Write the weights of `network` and a `record` of their origin, as a whole or not at all."""
    state = {name: value.contiguous() for name, value in network.state_dict().items()}
    partial = path.with_suffix(".partial")
    torch.save({"state_dict": state, "input": _RGB, **record}, partial)
    partial.replace(path)
