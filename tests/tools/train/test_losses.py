import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from tools.train.losses import assign, decode, detection_loss, eiou_loss, iou, make_grid  # noqa: E402


def answers(side: int, objectness: float) -> tuple[object, ...]:
    shapes = [(side // stride, depth) for stride in (8, 16, 32) for depth in (1, 1, 4)]
    return tuple(
        torch.full((1, cells, cells, depth), objectness if depth == 1 else 0.0)
        for cells, depth in shapes
    )


def test_a_box_is_read_as_the_daemon_reads_it() -> None:
    grid = make_grid(64, 64)
    deltas = torch.zeros(len(grid.corners), 4)
    deltas[9] = torch.tensor([0.5, 0.25, 0.0, 1.0])
    left, top, right, bottom = decode(deltas, grid)[9].tolist()
    assert ((left + right) / 2, (top + bottom) / 2) == (8 + 4, 8 + 2)
    assert (right - left, bottom - top) == pytest.approx((8, 8 * 2.718281828))


def test_equal_boxes_cost_nothing_and_distant_ones_more_than_near_ones() -> None:
    face = torch.tensor([[10.0, 10.0, 20.0, 20.0]])
    near, far = face + 11, face + 40
    assert float(iou(face, face)) == 1.0
    assert float(eiou_loss(face, face)) == 0.0
    assert 1 < float(eiou_loss(near, face)) < float(eiou_loss(far, face))


def test_faces_apart_get_cells_of_their_own_and_no_cell_gets_two_faces() -> None:
    grid = make_grid(64, 64)
    boxes = decode(torch.zeros(len(grid.corners), 4), grid)
    faces = torch.tensor(
        [[8.0, 8.0, 16.0, 16.0], [9.0, 40.0, 19.0, 52.0], [32.0, 30.0, 60.0, 62.0]]
    )
    cells, chosen, _ = assign(torch.full((len(boxes),), 0.5), boxes, faces, grid)
    assert set(chosen.tolist()) == {0, 1, 2}
    assert len(set(cells.tolist())) == len(cells)


def test_a_face_too_low_to_be_seen_is_neither_learned_nor_denied() -> None:
    grid = make_grid(64, 64)
    tiny = [torch.tensor([[20.0, 20.0, 22.0, 22.0]])]
    nothing = [torch.zeros(0, 4)]
    sure = answers(64, 5.0)
    ignored = float(detection_loss(sure, tiny, grid, least_height=3))  # type: ignore[arg-type, unused-ignore]
    denied = float(detection_loss(sure, nothing, grid, least_height=3))  # type: ignore[arg-type, unused-ignore]
    assert 0 < ignored < denied
