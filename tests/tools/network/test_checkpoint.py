from pathlib import Path

import pytest

from anoncam.errors import ModelError

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from tools.network.checkpoint import load_checkpoint, save_checkpoint  # noqa: E402  # it needs torch
from tools.network.yunet import YuNet  # noqa: E402  # it needs torch


def published(network: YuNet) -> dict[str, object]:
    """A published checkpoint of `network`: its weights, and those of the landmark heads."""
    state = dict(network.state_dict())
    state["bbox_head.multi_level_kps.0.conv1.weight"] = torch.zeros(10, 64, 1, 1)
    return {"state_dict": state, "meta": {}}


def make_network() -> YuNet:
    torch.manual_seed(0)
    network = YuNet()
    network.eval()
    return network


def test_a_loaded_checkpoint_takes_rgb_where_the_published_one_takes_bgr(
    tmp_path: Path,
) -> None:
    network = make_network()
    torch.save(published(network), tmp_path / "weights.pth")
    picture = torch.randint(0, 256, (1, 3, 64, 64)).float()
    with torch.no_grad():
        expected = network(picture.flip(1))
        actual = load_checkpoint(tmp_path / "weights.pth")(picture / 255)
    for one, other in zip(expected, actual, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


def test_a_saved_network_computes_the_same_when_loaded(tmp_path: Path) -> None:
    network, picture = make_network(), torch.rand(1, 3, 64, 64)
    save_checkpoint(network, tmp_path / "saved.pt", {})
    loaded = load_checkpoint(tmp_path / "saved.pt")
    with torch.no_grad():
        assert all(
            torch.equal(one, other)
            for one, other in zip(network(picture), loaded(picture), strict=True)
        )


def test_a_file_that_is_no_checkpoint_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "holiday.pth"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(ModelError, match=r"holiday\.pth: not a torch checkpoint"):
        load_checkpoint(path)


def test_the_weights_of_another_network_are_refused_by_name(tmp_path: Path) -> None:
    torch.save({"state_dict": {"backbone.stem.weight": torch.zeros(1)}}, tmp_path / "other.pth")
    with pytest.raises(
        ModelError, match=r"other\.pth: has weights of another network than YuNet-n"
    ):
        load_checkpoint(tmp_path / "other.pth")
