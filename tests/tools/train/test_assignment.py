import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from tools.network.grid import decode, make_grid  # noqa: E402
from tools.train.assignment import assign  # noqa: E402


def test_faces_apart_get_cells_of_their_own_and_no_cell_gets_two_faces() -> None:
    grid = make_grid(64, 64)
    boxes = decode(torch.zeros(len(grid.corners), 4), grid)
    faces = torch.tensor(
        [[8.0, 8.0, 16.0, 16.0], [9.0, 40.0, 19.0, 52.0], [32.0, 30.0, 60.0, 62.0]]
    )
    cells, chosen, _ = assign(torch.full((len(boxes),), 0.5), boxes, faces, grid)
    assert set(chosen.tolist()) == {0, 1, 2}
    assert len(set(cells.tolist())) == len(cells)
