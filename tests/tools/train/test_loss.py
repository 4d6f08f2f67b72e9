import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from tools.network.grid import make_grid  # noqa: E402
from tools.train.loss import detection_loss  # noqa: E402


def outputs(side: int, objectness: float) -> tuple[object, ...]:
    shapes = [(side // stride, depth) for stride in (8, 16, 32) for depth in (1, 1, 4)]
    return tuple(
        torch.full((1, cells, cells, depth), objectness if depth == 1 else 0.0)
        for cells, depth in shapes
    )


def test_a_face_too_low_to_be_seen_counts_neither_as_face_nor_as_background() -> None:
    grid = make_grid(64, 64)
    tiny = [torch.tensor([[20.0, 20.0, 22.0, 22.0]])]
    nothing = [torch.zeros(0, 4)]
    sure = outputs(64, 5.0)
    ignored = float(detection_loss(sure, tiny, grid, least_height=3))  # type: ignore[arg-type, unused-ignore]
    denied = float(detection_loss(sure, nothing, grid, least_height=3))  # type: ignore[arg-type, unused-ignore]
    assert 0 < ignored < denied


def test_what_is_ignored_counts_neither_as_face_nor_as_background() -> None:
    grid = make_grid(64, 64)
    nothing, sure = [torch.zeros(0, 4)], outputs(64, 5.0)
    somewhere = [torch.tensor([[8.0, 8.0, 40.0, 40.0]])]
    ignored = float(detection_loss(sure, nothing, grid, 3, ignored=somewhere))  # type: ignore[arg-type, unused-ignore]
    denied = float(detection_loss(sure, nothing, grid, 3))  # type: ignore[arg-type, unused-ignore]
    assert 0 < ignored < denied


def test_a_hard_negative_costs_more_than_other_background_unless_it_is_ignored() -> None:
    grid = make_grid(64, 64)
    nothing, sure = [torch.zeros(0, 4)], outputs(64, 5.0)
    somewhere = [torch.tensor([[8.0, 8.0, 40.0, 40.0]])]
    hard = float(detection_loss(sure, nothing, grid, 3, hard_negatives=somewhere))  # type: ignore[arg-type, unused-ignore]
    plain = float(detection_loss(sure, nothing, grid, 3))  # type: ignore[arg-type, unused-ignore]
    assert hard > plain
    both = float(
        detection_loss(sure, nothing, grid, 3, ignored=somewhere, hard_negatives=somewhere)  # type: ignore[arg-type, unused-ignore]
    )
    assert both < plain


def test_a_face_in_a_hard_negative_is_learned_as_any_other() -> None:
    grid = make_grid(64, 64)
    face = [torch.tensor([[16.0, 16.0, 40.0, 40.0]])]
    unsure = outputs(64, 0.0)
    costs = [
        float(detection_loss(unsure, face, grid, 3, hard_negatives=hard))  # type: ignore[arg-type, unused-ignore]
        for hard in ([], face)
    ]
    objectness = float(torch.nn.functional.softplus(torch.tensor(0.0)))
    more = 2 * objectness
    # Only cells that no face has count for more: never all of those inside the box.
    in_box = 9 + 4
    assert 0 <= costs[1] - costs[0] < more * in_box
