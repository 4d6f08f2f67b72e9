from pathlib import Path

import pytest

from anoncam.errors import ModelError

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from tools.layout import outputs_of  # noqa: E402
from tools.yunet import LARGEST_FINE, YuNet, for_input, load_checkpoint, save_checkpoint, with_fine_level  # noqa: E402  # it needs torch


def published(network: YuNet) -> dict[str, object]:
    """What a published checkpoint of `network` holds: its weights, and those of landmark heads that are not wanted."""
    state = dict(network.state_dict())
    state["bbox_head.multi_level_kps.0.conv1.weight"] = torch.zeros(10, 64, 1, 1)
    return {"state_dict": state, "meta": {}}


def make_network() -> YuNet:
    torch.manual_seed(0)
    network = YuNet()
    network.eval()
    return network


@pytest.mark.parametrize(("fine", "strides"), [(False, (8, 16, 32)), (True, (4, 8, 16, 32))])
def test_every_grid_answers_with_its_own_size(fine: bool, strides: tuple[int, ...]) -> None:
    network = YuNet(fine=fine).eval()
    assert network.strides == strides
    answers = dict(zip(outputs_of(strides), network(torch.zeros(2, 3, 64, 96)), strict=True))
    for stride in strides:
        for head, channels in {"cls": 1, "obj": 1, "bbox": 4}.items():
            assert answers[f"{head}_{stride}"].shape == (2, 64 // stride, 96 // stride, channels)


def test_the_network_has_as_many_weights_as_the_published_one_without_landmarks() -> None:
    # 75,856 weights in all, of which the three landmark heads hold 64 * 10 + 10 + 9 * 10 + 10 each.
    assert sum(weight.numel() for weight in make_network().parameters()) == 75_856 - 3 * 750


def test_a_loaded_checkpoint_answers_to_rgb_as_the_published_one_does_to_bgr(tmp_path: Path) -> None:
    network = make_network()
    torch.save(published(network), tmp_path / "weights.pth")
    picture = torch.randint(0, 256, (1, 3, 64, 64)).float()
    with torch.no_grad():
        expected = network(picture.flip(1))
        actual = load_checkpoint(tmp_path / "weights.pth")(picture / 255)
    for one, other in zip(expected, actual, strict=True):
        torch.testing.assert_close(one, other, rtol=1e-3, atol=1e-3)


def test_a_level_for_the_smallest_faces_changes_no_answer_of_the_others_and_is_saved_with_them(tmp_path: Path) -> None:
    network, picture = make_network(), torch.rand(1, 3, 64, 64)
    finer = with_fine_level(network)
    save_checkpoint(finer, tmp_path / "finer.pt", {})
    loaded = load_checkpoint(tmp_path / "finer.pt")
    with torch.no_grad():
        expected, actual, again = network(picture), finer(picture), loaded(picture)
    assert all(torch.equal(one, other) for one, other in zip(expected, actual[3:], strict=True))
    assert all(torch.equal(one, other) for one, other in zip(actual, again, strict=True))


def test_a_large_input_goes_without_the_finest_level_and_gets_the_same_answers_from_the_others() -> None:
    finer, picture = with_fine_level(make_network()), torch.rand(1, 3, 64, 64)
    assert for_input(finer, LARGEST_FINE, LARGEST_FINE) is finer
    coarser = for_input(finer, LARGEST_FINE + 32, 64)
    assert coarser.strides == (8, 16, 32)
    with torch.no_grad():
        expected, actual = finer(picture), coarser(picture)
    assert all(torch.equal(one, other) for one, other in zip(expected[3:], actual, strict=True))


def test_an_untrained_level_finds_nothing() -> None:
    _, objectness, _, *_ = with_fine_level(make_network())(torch.rand(1, 3, 64, 64))
    assert float(objectness.sigmoid().detach().max()) < 0.1


def test_a_file_that_is_no_checkpoint_is_refused_by_name(tmp_path: Path) -> None:
    path = tmp_path / "holiday.pth"
    path.write_bytes(b"not a checkpoint")
    with pytest.raises(ModelError, match=r"holiday\.pth: not a torch checkpoint"):
        load_checkpoint(path)


def test_the_weights_of_another_network_are_refused_by_name(tmp_path: Path) -> None:
    torch.save({"state_dict": {"backbone.stem.weight": torch.zeros(1)}}, tmp_path / "other.pth")
    with pytest.raises(ModelError, match=r"other\.pth: its weights are not those of YuNet-n"):
        load_checkpoint(tmp_path / "other.pth")
