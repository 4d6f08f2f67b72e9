import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from tools.network.layout import OUTPUTS  # noqa: E402
from tools.network.yunet import YuNet  # noqa: E402  # it needs torch


def make_network() -> YuNet:
    torch.manual_seed(0)
    network = YuNet()
    network.eval()
    return network


def test_every_grid_of_cells_has_its_own_size() -> None:
    outputs = dict(zip(OUTPUTS, make_network()(torch.zeros(2, 3, 64, 96)), strict=True))
    for stride in (8, 16, 32):
        for head, channels in {"cls": 1, "obj": 1, "bbox": 4}.items():
            assert outputs[f"{head}_{stride}"].shape == (2, 64 // stride, 96 // stride, channels)


def test_the_network_has_as_many_weights_as_the_published_one_without_landmarks() -> None:
    # 75,856 weights in all, of which the three landmark heads hold 64 * 10 + 10 + 9 * 10 + 10 each.
    assert sum(weight.numel() for weight in make_network().parameters()) == 75_856 - 3 * 750
