"""Which parts of the network are trained."""

from tools.network.yunet import YuNet

_HEADS = tuple(f"bbox_head.multi_level_{name}." for name in ("cls", "obj", "share_convs"))


def freeze_all_but(parts: str, network: YuNet) -> None:
    """Leave gradients to `parts` alone: `all`, or `heads`.

    Without its gradients, torch does not keep the features of the backbone either.
    """
    for name, value in network.named_parameters():
        value.requires_grad_(parts == "all" or name.startswith(_HEADS))
