"""One run of the training, as the command line asks for it."""

from pathlib import Path

import click
import numpy as np
import torch

from tools.dataset.dataset import Dataset
from tools.dataset.formats import read_dataset
from tools.evaluate.average_precision import make_curves
from tools.evaluate.torch_detector import torch_detector
from tools.network.checkpoint import load_checkpoint
from tools.network.layout import Size
from tools.network.yunet import YuNet
from tools.train.checkpoints import LAST, load_history
from tools.train.hard_negatives import FILE
from tools.train.loop import train
from tools.train.mining import mine_once
from tools.train.plan import Plan
from tools.train.plots import plot_history

_MOST_SHOWN = 20


def read_datasets(data: Path, validate: Path | None) -> tuple[Dataset, Dataset]:
    """Read the pictures to train on and those to judge by, and report them.

    Without `validate`, a tenth of `data` is kept back to judge by.

    Raises:
        InputError: the data cannot be read.
    """
    training = _report(read_dataset(data))
    if validate is not None:
        return training, _report(read_dataset(validate))
    order = np.random.default_rng(0).permutation(len(training.pictures))
    kept = set(order[: max(1, len(order) // 10)].tolist())
    validation = Dataset(training.kind, [training.pictures[number] for number in sorted(kept)])
    if len(kept) < len(order):
        training.pictures = [
            picture for number, picture in enumerate(training.pictures) if number not in kept
        ]
    click.echo(f"kept back to judge by: {validation}")
    return training, validation


def _report(dataset: Dataset) -> Dataset:
    click.echo(dataset)
    for broken in dataset.broken[:_MOST_SHOWN]:
        click.echo(f"  {broken}", err=True)
    if len(dataset.broken) > _MOST_SHOWN:
        click.echo(f"  and {len(dataset.broken) - _MOST_SHOWN} more", err=True)
    return dataset


def run(
    training: Dataset,
    validation: Dataset,
    init: Path,
    output: Path,
    plan: Plan,
    *,
    sizes: list[Size],
    resume: bool,
) -> None:
    """Train from the checkpoint `init` into the folder `output`, and judge each epoch at `sizes`.

    Raises:
        ModelError: the checkpoint cannot be used, or the folder holds a run of another plan.
    """

    def judge(network: YuNet) -> dict[str, float]:
        precisions: dict[str, float] = {}
        for size in sizes:
            detector = torch_detector(network, size)
            curves = make_curves(
                validation.pictures,
                [detector.detect_in(picture) for picture in validation.pictures],
            )
            named = [name for name in curves if name in ("easy", "medium", "hard")] or list(curves)[
                :2
            ]
            precisions |= {f"{name} at {size}": curves[name].average_precision for name in named}
        if (output / LAST).exists():
            plot_history(load_history(output / LAST), output / "curves.png")
        return precisions

    output.mkdir(parents=True, exist_ok=True)
    if (output / LAST).exists() and not resume:
        raise click.UsageError(f"{output} already holds a run: pass --resume, or another folder")
    resuming = resume and (output / LAST).exists()
    # In this order of the values, torch takes half the time on a CPU.
    network = load_checkpoint(init).to(memory_format=torch.channels_last)
    mined = mine_once(network, training.pictures, output / FILE) if plan.hard_negatives else {}
    train(network, training.pictures, plan, output, judge, resume=resuming, mined=mined)
    plot_history(load_history(output / LAST), output / "curves.png")
