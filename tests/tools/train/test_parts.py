import pytest

torch = pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from tools.network.yunet import YuNet  # noqa: E402
from tools.train.parts import freeze_all_but  # noqa: E402


def test_without_the_backbone_the_heads_alone_get_gradients() -> None:
    network = YuNet().eval()
    freeze_all_but("heads", network)
    sum(output.sum() for output in network(torch.rand(1, 3, 64, 64))).backward()
    learned = {name for name, value in network.named_parameters() if value.grad is not None}
    parts = {name.split(".")[1] for name in learned}
    assert parts == {"multi_level_cls", "multi_level_obj", "multi_level_share_convs"}
    assert all(name.startswith("bbox_head.") for name in learned)
    freeze_all_but("all", network)
    assert all(value.requires_grad for value in network.parameters())
