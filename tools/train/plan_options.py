"""The options of `python -m tools.train` that decide how a run goes."""

from collections.abc import Callable, Mapping
from dataclasses import fields
from typing import Any

import click

from tools.train.plan import Plan
from tools.train.samples import Augmentations

_AUGMENTATIONS = [field.name for field in fields(Augmentations)]

_OPTIONS = (
    click.option(
        "--epochs",
        type=click.IntRange(min=1),
        default=20,
        show_default=True,
        help="Passes over the data.",
    ),
    click.option(
        "--batch",
        type=click.IntRange(min=2),
        default=16,
        show_default=True,
        help="Samples in a batch of the first --side.",
    ),
    click.option(
        "--rate",
        type=click.FloatRange(min=0, min_open=True),
        default=1e-3,
        show_default=True,
        help="Largest learning rate.",
    ),
    click.option(
        "--side",
        "sides",
        type=click.IntRange(min=32),
        multiple=True,
        default=(320, 320, 448, 640),
        show_default=True,
        help="Side of the samples in pixels, a multiple of 32; each batch draws one of them.",
    ),
    click.option(
        "--least-height",
        type=float,
        default=3.0,
        show_default=True,
        help="Least height in pixels of a face that is learned.",
    ),
    click.option(
        "--train",
        "parts",
        type=click.Choice(["all", "heads"]),
        default="all",
        show_default=True,
        help="Parts to train: all, or the class and objectness heads with what they share.",
    ),
    click.option(
        "--hard-negatives",
        is_flag=True,
        help="Learn more from what --init takes for a face away from all labels; looked for once.",
    ),
    click.option("--seed", type=int, default=0, show_default=True, help="Seed of the samples."),
    *(
        click.option(
            f"--{name}/--no-{name}",
            default=True,
            show_default=True,
            help=f"Augment samples by: {name}.",
        )
        for name in (each.replace("_", "-") for each in _AUGMENTATIONS)
    ),
)


def plan_options(command: Callable[..., None]) -> Callable[..., None]:
    """Give a command these options."""
    for option in reversed(_OPTIONS):
        command = option(command)
    return command


def plan_of(values: Mapping[str, Any]) -> Plan:
    """The plan that the values of these options make.

    Raises:
        click.UsageError: a side is not a multiple of 32.
    """
    if any(side % 32 for side in values["sides"]):
        raise click.UsageError("--side must be a multiple of 32")
    augmentations = Augmentations(**{name: values[name] for name in _AUGMENTATIONS})
    others = {name: value for name, value in values.items() if name not in _AUGMENTATIONS}
    return Plan(**others, augmentations=augmentations)
