from pathlib import Path

import pytest

from anoncam.errors import ModelError

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from tools.network.layout import OUTPUTS, Size  # noqa: E402
from tools.network.yunet import YuNet, for_size, load_checkpoint, save_checkpoint  # noqa: E402  # it needs torch


def published(network: YuNet) -> dict[str, object]:
    """What a published checkpoint of `network` holds: its weights, and those of landmark heads that
    are not wanted."""
    state = dict(network.state_dict())
    state["bbox_head.multi_level_kps.0.conv1.weight"] = torch.zeros(10, 64, 1, 1)
    return {"state_dict": state, "meta": {}}


def make_network() -> YuNet:
    torch.manual_seed(0)
    network = YuNet()
    network.eval()
    return network


def test_every_grid_answers_with_its_own_size() -> None:
    answers = dict(zip(OUTPUTS, make_network()(torch.zeros(2, 3, 64, 96)), strict=True))
    for stride in (8, 16, 32):
        for head, channels in {"cls": 1, "obj": 1, "bbox": 4}.items():
            assert answers[f"{head}_{stride}"].shape == (2, 64 // stride, 96 // stride, channels)


def test_the_network_has_as_many_weights_as_the_published_one_without_landmarks() -> None:
    # 75,856 weights in all, of which the three landmark heads hold 64 * 10 + 10 + 9 * 10 + 10 each.
    assert sum(weight.numel() for weight in make_network().parameters()) == 75_856 - 3 * 750


def test_a_loaded_checkpoint_answers_to_rgb_as_the_published_one_does_to_bgr(
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


def test_what_was_saved_answers_the_same_when_loaded(tmp_path: Path) -> None:
    network, picture = make_network(), torch.rand(1, 3, 64, 64)
    save_checkpoint(network, tmp_path / "saved.pt", {})
    loaded = load_checkpoint(tmp_path / "saved.pt")
    with torch.no_grad():
        assert all(
            torch.equal(one, other)
            for one, other in zip(network(picture), loaded(picture), strict=True)
        )


def test_a_network_that_enlarges_its_input_answers_for_the_larger_picture() -> None:
    network = make_network()
    grey = torch.full((1, 3, 64, 96), 0.5)
    with torch.no_grad():
        answers = for_size(network, Size(96, 64, 128, 96))(grey)
        larger = network(torch.full((1, 3, 96, 128), 0.5))
    for one, other in zip(answers, larger, strict=True):
        torch.testing.assert_close(one, other)


def test_a_network_for_the_size_of_its_input_is_the_network_itself() -> None:
    network = make_network()
    assert for_size(network, Size(96, 64, 96, 64)) is network


def test_a_file_that_is_no_checkpoint_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "holiday.pth"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(ModelError, match=r"holiday\.pth: not a torch checkpoint"):
        load_checkpoint(path)


def test_the_weights_of_another_network_are_refused_by_name(tmp_path: Path) -> None:
    torch.save({"state_dict": {"backbone.stem.weight": torch.zeros(1)}}, tmp_path / "other.pth")
    with pytest.raises(ModelError, match=r"other\.pth: its weights are not those of YuNet-n"):
        load_checkpoint(tmp_path / "other.pth")
