"""The training loop over epochs."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import torch
from torch import nn
from torch.utils.data import DataLoader
from tqdm import tqdm

from tools.dataset.dataset import LabelledPicture
from tools.network.checkpoint import save_checkpoint
from tools.network.grid import make_grid
from tools.network.yunet import YuNet
from tools.train.batches import Batch, Batches
from tools.train.checkpoints import BEST, LAST, STATE, restore_state, save_state
from tools.train.hard_negatives import HardNegatives
from tools.train.loss import detection_loss
from tools.train.parts import freeze_all_but
from tools.train.plan import Plan
from tools.train.weight_average import WeightAverage

_WARM_UP_STEPS = 100


_LEAST_RATE = 0.02


_LARGEST_GRADIENT = 10.0


Judge = Callable[[YuNet], dict[str, float]]
"""Computes average precisions by name; the epoch with the best mean is kept."""


def train(
    network: YuNet,
    pictures: Sequence[LabelledPicture],
    plan: Plan,
    folder: Path,
    judge: Judge,
    *,
    resume: bool,
    mined: Mapping[Path, HardNegatives],
) -> None:
    """Train `network` on `pictures`, of which `mined` has the hard negatives, if there are any.

    After each epoch, `folder` holds the state, the last weights and the best weights.

    Raises:
        ModelError: the state in the folder belongs to another plan.
    """
    torch.manual_seed(plan.seed)
    freeze_all_but(plan.parts, network)
    average = WeightAverage(network)
    optimizer = torch.optim.AdamW(_groups(network), lr=plan.rate)
    history: list[dict[str, float]] = []
    if resume:
        history = restore_state(folder / STATE, plan, network, average, optimizer)
    for epoch in range(len(history), plan.epochs):
        begun = time.monotonic()
        batches = Batches(
            pictures, plan.sides, plan.batch, plan.augmentations, plan.seed, epoch, mined
        )
        loss = _epoch(network, average, optimizer, batches, plan, epoch)
        precisions = judge(average.network)
        history.append({"loss": loss, "seconds": time.monotonic() - begun, **precisions})
        record = {"plan": asdict(plan), "history": history}
        save_checkpoint(average.network, folder / LAST, record)
        if _mean(history[-1]) >= max(map(_mean, history)):
            save_checkpoint(average.network, folder / BEST, record)
        save_state(
            folder / STATE,
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


def _mean(entry: dict[str, float]) -> float:
    values = [value for name, value in entry.items() if name not in ("loss", "seconds")]
    return sum(values) / len(values) if values else -entry["loss"]


def _groups(network: nn.Module) -> Iterator[dict[str, Any]]:
    """Group the parameters that are trained: weights decay, biases and factors do not."""
    trained = [value for value in network.parameters() if value.requires_grad]
    yield {"params": [value for value in trained if value.ndim > 1], "weight_decay": 5e-3}
    yield {"params": [value for value in trained if value.ndim <= 1], "weight_decay": 0.0}


def _epoch(
    network: YuNet,
    average: WeightAverage,
    optimizer: torch.optim.Optimizer,
    batches: Batches,
    plan: Plan,
    epoch: int,
) -> float:
    """Train on all pictures once, and return the mean loss."""
    # In evaluation mode, normalisations keep their statistics, which come from far more pictures
    # than a batch has.
    network.eval()
    loader = DataLoader(batches, batch_size=None, num_workers=1, prefetch_factor=4)
    total, expected = 0.0, len(batches)
    with tqdm(loader, unit="batch", desc=f"epoch {epoch + 1}/{plan.epochs}", mininterval=1) as bar:
        for number, batch in enumerate(bar):
            for group in optimizer.param_groups:
                group["lr"] = plan.rate * _rate(
                    average.steps, epoch + number / expected, plan.epochs
                )
            loss = _loss(network, batch, plan.least_height)
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


def _loss(network: YuNet, batch: Batch, least_height: float) -> torch.Tensor:
    floats = batch.pictures.to(memory_format=torch.channels_last).float() / 255
    grid = make_grid(floats.shape[3], floats.shape[2])
    return detection_loss(
        network(floats), batch.faces, grid, least_height, batch.ignored, batch.hard_negatives
    )


def _rate(step: int, epoch: float, epochs: int) -> float:
    """The factor of the learning rate: it rises over the first steps, then falls along a cosine."""
    falling = _LEAST_RATE + (1 - _LEAST_RATE) * (1 + math.cos(math.pi * epoch / epochs)) / 2
    return falling * min(1.0, (step + 1) / _WARM_UP_STEPS)
