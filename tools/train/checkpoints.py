"""The files of a run: weights, and the state from which training resumes."""

from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch

from anoncam.errors import ModelError
from tools.network.yunet import YuNet
from tools.train.plan import Plan
from tools.train.weight_average import WeightAverage

LAST, BEST, STATE = "last.pt", "best.pt", "state.pt"


def load_history(checkpoint: Path) -> list[dict[str, float]]:
    """Read the figures of each epoch from any file of a run."""
    content = torch.load(checkpoint, map_location="cpu", weights_only=True)
    return list(content.get("history", []))


def save_state(path: Path, content: dict[str, Any]) -> None:
    """Write the state as a whole or not at all, so that a killed run still has the previous one."""
    partial = path.with_suffix(".partial")
    torch.save(content, partial)
    partial.replace(path)


def restore_state(
    path: Path, plan: Plan, network: YuNet, average: WeightAverage, optimizer: torch.optim.Optimizer
) -> list[dict[str, float]]:
    """Load the state of a run, and return the figures of its epochs.

    Raises:
        ModelError: the run was begun with another plan.
    """
    state = torch.load(path, map_location="cpu", weights_only=True)
    if state["plan"] != asdict(plan):
        raise ModelError(
            f"{path} was begun with other settings: {state['plan']}",
            "use these, or another output folder",
        )
    network.load_state_dict(state["network"])
    average.network.load_state_dict(state["average"])
    average.steps = state["steps"]
    optimizer.load_state_dict(state["optimizer"])
    return list(state["history"])
