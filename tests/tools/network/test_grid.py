import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from tools.network.grid import decode, make_grid  # noqa: E402


def test_a_box_is_decoded_as_in_the_daemon() -> None:
    grid = make_grid(64, 64)
    deltas = torch.zeros(len(grid.corners), 4)
    deltas[9] = torch.tensor([0.5, 0.25, 0.0, 1.0])
    left, top, right, bottom = decode(deltas, grid)[9].tolist()
    assert ((left + right) / 2, (top + bottom) / 2) == (8 + 4, 8 + 2)
    assert (right - left, bottom - top) == pytest.approx((8, 8 * 2.718281828))
