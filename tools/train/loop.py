"""The loop of training: epochs, checkpoints that it goes on from, and the record of how it went."""

import math
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from anoncam.errors import ModelError
from tools.dataset.dataset import LabelledPicture
from tools.network.checkpoint import save_checkpoint
from tools.network.yunet import YuNet
from tools.train.augment import Augmentations
from tools.train.average import WeightAverage
from tools.train.batches import Batches
from tools.train.losses import detection_loss, make_grid

LAST, BEST, WEIGHTS = "last.pt", "best.pt", "state.pt"

_WARM_UP_STEPS = 100
_LEAST_RATE = 0.02
_LARGEST_GRADIENT = 10.0


@dataclass(frozen=True)
class Plan:
    """What decides how a run goes: a run goes on only with the plan that it began with."""

    epochs: int
    batch: int
    rate: float
    sides: tuple[int, ...]
    seed: int
    least_height: float
    augmentations: Augmentations = field(default_factory=Augmentations)


Judge = Callable[[YuNet], dict[str, float]]
"""Gives average precisions by name; their mean decides which epoch is the best."""


def train(
    network: YuNet,
    pictures: Sequence[LabelledPicture],
    plan: Plan,
    folder: Path,
    judge: Judge,
    *,
    resume: bool,
) -> None:
    """Train `network` on `pictures`; after each epoch `folder` holds the state, the last and the
    best weights.

    Raises:
        ModelError: the folder's state is that of another plan.
    """
    torch.manual_seed(plan.seed)
    network = network.to(memory_format=torch.channels_last)
    average = WeightAverage(network)
    optimizer = torch.optim.AdamW(_groups(network), lr=plan.rate)
    history: list[dict[str, float]] = []
    if resume:
        history = _restore(folder / WEIGHTS, plan, network, average, optimizer)
    for epoch in range(len(history), plan.epochs):
        begun = time.monotonic()
        loss = _epoch(network, average, optimizer, pictures, plan, epoch)
        precisions = judge(average.network)
        history.append({"loss": loss, "seconds": time.monotonic() - begun, **precisions})
        record = {"plan": asdict(plan), "history": history}
        save_checkpoint(average.network, folder / LAST, record)
        if _mean(history[-1]) >= max(map(_mean, history)):
            save_checkpoint(average.network, folder / BEST, record)
        _save(
            folder / WEIGHTS,
            {
                **record,
                "network": network.state_dict(),
                "average": average.network.state_dict(),
                "steps": average.steps,
                "optimizer": optimizer.state_dict(),
            },
        )
        tqdm.write(
            f"epoch {epoch + 1}: "
            + ", ".join(f"{name} {value:.4g}" for name, value in history[-1].items())
        )


def load_history(checkpoint: Path) -> list[dict[str, float]]:
    """What each epoch came to, from any file that `train` wrote."""
    content = torch.load(checkpoint, map_location="cpu", weights_only=True)
    return list(content.get("history", []))


def _mean(entry: dict[str, float]) -> float:
    values = [value for name, value in entry.items() if name not in ("loss", "seconds")]
    return sum(values) / len(values) if values else -entry["loss"]


def _groups(network: nn.Module) -> Iterator[dict[str, Any]]:
    """Weights decay, biases and factors do not."""
    yield {
        "params": [value for value in network.parameters() if value.ndim > 1],
        "weight_decay": 5e-3,
    }
    yield {
        "params": [value for value in network.parameters() if value.ndim <= 1],
        "weight_decay": 0.0,
    }


def _epoch(
    network: YuNet,
    average: WeightAverage,
    optimizer: torch.optim.Optimizer,
    pictures: Sequence[LabelledPicture],
    plan: Plan,
    epoch: int,
) -> float:
    """One pass over the pictures; the mean loss."""
    # In the form for answering: the statistics of the normalisations are those of far more pictures
    # than a batch has.
    network.eval()
    batches = Batches(pictures, plan.sides, plan.batch, plan.augmentations, plan.seed, epoch)
    loader = DataLoader(batches, batch_size=None, num_workers=1, prefetch_factor=4)
    total, expected = 0.0, len(batches)
    with tqdm(loader, unit="batch", desc=f"epoch {epoch + 1}/{plan.epochs}", mininterval=1) as bar:
        for number, (inputs, faces) in enumerate(bar):
            for group in optimizer.param_groups:
                group["lr"] = plan.rate * _rate(
                    average.steps, epoch + number / expected, plan.epochs
                )
            floats = inputs.to(memory_format=torch.channels_last).float() / 255
            grid = make_grid(inputs.shape[3], inputs.shape[2])
            loss = detection_loss(network(floats), faces, grid, plan.least_height)
            optimizer.zero_grad()
            loss.backward()  # type: ignore[no-untyped-call, unused-ignore]
            nn.utils.clip_grad_norm_(network.parameters(), _LARGEST_GRADIENT)
            optimizer.step()
            average.update(network)
            total += float(loss.detach())
            left = (expected - number - 1 + (plan.epochs - epoch - 1) * expected) / (
                bar.format_dict["rate"] or 1
            )
            bar.set_postfix(
                loss=f"{total / (number + 1):.3f}", all_left=f"{left / 60:.0f} min", refresh=False
            )
    return total / max(1, expected)


def _rate(step: int, epoch: float, epochs: int) -> float:
    """The part of the learning rate: up over the first steps, then down along a cosine."""
    falling = _LEAST_RATE + (1 - _LEAST_RATE) * (1 + math.cos(math.pi * epoch / epochs)) / 2
    return falling * min(1.0, (step + 1) / _WARM_UP_STEPS)


def _save(path: Path, content: dict[str, Any]) -> None:
    """Write as a whole or not at all: a run that is killed while it writes goes on from the state
    before.
    """
    partial = path.with_suffix(".partial")
    torch.save(content, partial)
    partial.replace(path)


def _restore(
    path: Path, plan: Plan, network: YuNet, average: WeightAverage, optimizer: torch.optim.Optimizer
) -> list[dict[str, float]]:
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
