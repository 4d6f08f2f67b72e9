import numpy as np
import pytest
from numpy.typing import NDArray

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from torch import Tensor  # noqa: E402  # it is not everywhere

from tools.convert.cross_layer_equalisation import equalise  # noqa: E402  # it needs torch
from tools.network.yunet import YuNet  # noqa: E402  # it needs torch

PICTURES = [
    np.random.default_rng(seed).integers(0, 256, (64, 64, 3), np.uint8) for seed in range(3)
]


def make_network() -> YuNet:
    torch.manual_seed(0)
    network = YuNet()
    network.eval()
    return network


def as_tensor(picture: NDArray[np.uint8]) -> Tensor:
    tensor: Tensor = torch.from_numpy(picture).permute(2, 0, 1)[None] / 255
    return tensor


def test_the_equalised_network_computes_the_same() -> None:
    network = make_network()
    with torch.no_grad():
        for one, other in zip(
            network(as_tensor(PICTURES[0])),
            equalise(network, PICTURES)(as_tensor(PICTURES[0])),
            strict=True,
        ):
            torch.testing.assert_close(one, other, rtol=1e-4, atol=1e-5)


def test_every_pointwise_channel_reaches_one_over_the_pictures() -> None:
    network = equalise(make_network(), PICTURES)
    outputs = []
    pointwise = network.get_submodule("backbone.model3.conv1.conv1")
    pointwise.register_forward_hook(lambda _layer, _inputs, output: outputs.append(output))
    with torch.no_grad():
        for picture in PICTURES:
            network(as_tensor(picture))
    peaks = torch.cat(outputs).abs().amax((0, 2, 3))
    torch.testing.assert_close(peaks, torch.ones_like(peaks))


def test_the_given_network_is_not_changed() -> None:
    network = make_network()
    before = {name: value.clone() for name, value in network.state_dict().items()}
    equalise(network, PICTURES)
    assert all(torch.equal(before[name], value) for name, value in network.state_dict().items())
