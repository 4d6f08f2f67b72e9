"""The command line of `python -m tools.train`."""

from dataclasses import fields
from pathlib import Path
from typing import Literal

import click

from tools.common.errors import errors_in_one_line
from tools.network.layout import Size
from tools.network.size_option import parse_sizes
from tools.train.plan import Plan
from tools.train.samples import Augmentations

SHIPPED = Path(__file__).parents[2] / "models" / "anoncam-face.pt"


_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  python -m tools.train --data my-pictures -o run
  python -m tools.train --data my-pictures --train heads --hard-negatives --rate 5e-4 -o run
""",
)
@click.option(
    "--data",
    type=_FOLDER,
    required=True,
    help="Pictures, with their labels in the folder or beside it.",
)
@click.option(
    "--validate",
    type=_FOLDER,
    help="Pictures to judge each epoch by.  [default: a tenth of --data]",
)
@click.option(
    "--init",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    default=SHIPPED,
    help="Checkpoint to start from.  [default: models/anoncam-face.pt]",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    required=True,
    help="Folder of the run.",
)
@click.option(
    "--epochs",
    type=click.IntRange(min=1),
    default=20,
    show_default=True,
    help="Passes over the data.",
)
@click.option(
    "--batch",
    type=click.IntRange(min=2),
    default=16,
    show_default=True,
    help="Samples in a batch of the first --side.",
)
@click.option(
    "--rate",
    type=click.FloatRange(min=0, min_open=True),
    default=1e-3,
    show_default=True,
    help="Largest learning rate.",
)
@click.option(
    "--side",
    "sides",
    type=click.IntRange(min=32),
    multiple=True,
    default=(320, 320, 448, 640),
    show_default=True,
    help="Side of the samples in pixels, a multiple of 32; each batch draws one of them.",
)
@click.option(
    "--least-height",
    type=float,
    default=3.0,
    show_default=True,
    help="Least height in pixels of a face that is learned.",
)
@click.option(
    "--train",
    "parts",
    type=click.Choice(["all", "heads"]),
    default="all",
    show_default=True,
    help="Parts to train: all, or the class and objectness heads with what they share.",
)
@click.option(
    "--hard-negatives",
    is_flag=True,
    help="Learn more from what --init takes for a face away from all labels; looked for once.",
)
@click.option(
    "--judge",
    "sizes",
    metavar="WxH[@WxH]",
    multiple=True,
    default=("320x320@384x384", "640x640"),
    show_default=True,
    callback=parse_sizes,
    help="Input size to judge each epoch at; repeat it for several.",
)
@click.option("--seed", type=int, default=0, show_default=True, help="Seed of the samples.")
@click.option(
    "--threads", type=click.IntRange(min=1), default=2, show_default=True, help="Threads of torch."
)
@click.option("--resume", is_flag=True, help="Resume from the last state in --output.")
def main(
    data: Path,
    validate: Path | None,
    init: Path,
    output: Path,
    epochs: int,
    batch: int,
    rate: float,
    sides: tuple[int, ...],
    least_height: float,
    parts: Literal["all", "heads"],
    hard_negatives: bool,
    sizes: list[Size],
    seed: int,
    threads: int,
    resume: bool,
    **augmentations: bool,
) -> None:
    """Train the detector on a folder of pictures with labelled faces.

    The labels are COCO JSON, Pascal VOC XML, WIDER text or CreateML JSON. The folder of the run
    gets last.pt, best.pt (by the mean of the average precisions) and curves.png.
    """
    if any(side % 32 for side in sides):
        raise click.UsageError("--side must be a multiple of 32")
    plan = Plan(
        epochs,
        batch,
        rate,
        sides,
        seed,
        least_height,
        parts,
        hard_negatives,
        Augmentations(**augmentations),
    )
    with errors_in_one_line():
        # Imported here: torch takes seconds, and the help is shown without it too.
        import torch  # noqa: PLC0415

        from tools.train.run import read_datasets, run  # noqa: PLC0415

        torch.set_num_threads(threads)
        training, validation = read_datasets(data, validate)
        run(training, validation, init, output, plan, sizes=sizes, resume=resume)


for _field in reversed(fields(Augmentations)):
    _name = _field.name.replace("_", "-")
    click.option(
        f"--{_name}/--no-{_name}",
        default=True,
        show_default=True,
        help=f"Augment samples by: {_name}.",
    )(main)


if __name__ == "__main__":
    main()
