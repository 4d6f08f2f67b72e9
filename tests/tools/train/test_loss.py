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
