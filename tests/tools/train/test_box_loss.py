import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from tools.train.box_loss import eiou_loss, iou  # noqa: E402


def test_equal_boxes_cost_nothing_and_distant_ones_more_than_near_ones() -> None:
    face = torch.tensor([[10.0, 10.0, 20.0, 20.0]])
    near, far = face + 11, face + 40
    assert float(iou(face, face)) == 1.0
    assert float(eiou_loss(face, face)) == 0.0
    assert 1 < float(eiou_loss(near, face)) < float(eiou_loss(far, face))
