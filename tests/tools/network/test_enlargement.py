import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from tools.network.enlargement import for_size  # noqa: E402  # it needs torch
from tools.network.layout import Size  # noqa: E402
from tools.network.yunet import YuNet  # noqa: E402  # it needs torch


def make_network() -> YuNet:
    torch.manual_seed(0)
    network = YuNet()
    network.eval()
    return network


def test_a_network_that_enlarges_its_input_computes_the_larger_picture() -> None:
    network = make_network()
    grey = torch.full((1, 3, 64, 96), 0.5)
    with torch.no_grad():
        outputs = for_size(network, Size(96, 64, 128, 96))(grey)
        larger = network(torch.full((1, 3, 96, 128), 0.5))
    for one, other in zip(outputs, larger, strict=True):
        torch.testing.assert_close(one, other)


def test_a_network_for_the_size_of_its_input_is_the_network_itself() -> None:
    network = make_network()
    assert for_size(network, Size(96, 64, 96, 64)) is network
