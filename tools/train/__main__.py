"""Train the detector on pictures with boxes of faces, from the weights that are shipped."""

from dataclasses import fields
from pathlib import Path

import click
import numpy as np

from anoncam.errors import AnoncamError
from tools.dataset.dataset import Dataset
from tools.dataset.formats import read_dataset
from tools.network.size_option import parse_sizes
from tools.train.augment import Augmentations

SHIPPED = Path(__file__).parents[2] / "models" / "anoncam-face.pt"

_FOLDER = click.Path(exists=True, file_okay=False, path_type=Path)
_MOST_SHOWN = 20


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
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
@click.option("--epochs", type=click.IntRange(min=1), default=20, show_default=True)
@click.option(
    "--batch",
    type=click.IntRange(min=2),
    default=16,
    show_default=True,
    help="Samples of the first --side.",
)
@click.option(
    "--rate", type=click.FloatRange(min=0, min_open=True), default=1e-3, show_default=True
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
    help="Lower faces are not learned, in pixels.",
)
@click.option(
    "--judge",
    "sizes",
    metavar="WxH[@WxH]",
    multiple=True,
    default=("320x320@384x384", "640x640"),
    show_default=True,
    callback=parse_sizes,
    help="Input sizes to judge each epoch at.",
)
@click.option("--seed", type=int, default=0, show_default=True)
@click.option("--threads", type=click.IntRange(min=1), default=2, show_default=True)
@click.option("--resume", is_flag=True, help="Go on from the last checkpoint in --output.")
def main(data: Path, validate: Path | None, init: Path, output: Path, **settings: object) -> None:
    r"""Train on a folder of pictures with boxes: COCO JSON, Pascal VOC XML, WIDER text or CreateML
    JSON.

    Writes last.pt, best.pt (by the mean of the average precisions) and curves.png into the folder
    of the run.

    \b
    Example:
      python -m tools.train --data my-pictures -o run
    """
    try:
        training, validation = _read(data, validate)
        _run(training, validation, init, output, settings)
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is not installed (pip install 'anoncam[tools]')"
        ) from error
    except (AnoncamError, OSError) as error:
        raise click.ClickException(str(error)) from error


for _field in reversed(fields(Augmentations)):
    click.option(
        f"--{_field.name}/--no-{_field.name}",
        default=True,
        show_default=True,
        help="Augmentation of this name.",
    )(main)


def _read(data: Path, validate: Path | None) -> tuple[Dataset, Dataset]:
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


def _run(
    training: Dataset, validation: Dataset, init: Path, output: Path, settings: dict[str, object]
) -> None:
    # Here, since torch takes seconds to import, and not everyone who asks for --help has it.
    import torch  # noqa: PLC0415

    from tools.evaluate.finders import torch_finder  # noqa: PLC0415
    from tools.evaluate.scoring import make_curves  # noqa: PLC0415
    from tools.network.checkpoint import load_checkpoint  # noqa: PLC0415
    from tools.network.yunet import YuNet  # noqa: PLC0415
    from tools.train.loop import LAST, Plan, load_history, train  # noqa: PLC0415
    from tools.train.plot import plot_history  # noqa: PLC0415

    given = dict(settings)
    resume, threads, sizes = (given.pop(name) for name in ("resume", "threads", "sizes"))
    augmentations = Augmentations(
        **{entry.name: bool(given.pop(entry.name)) for entry in fields(Augmentations)}
    )
    plan = Plan(**given, augmentations=augmentations)  # type: ignore[arg-type]
    if any(side % 32 for side in plan.sides):
        raise click.UsageError("--side must be a multiple of 32")
    assert isinstance(threads, int)
    assert isinstance(sizes, list)
    torch.set_num_threads(threads)

    def judge(network: YuNet) -> dict[str, float]:
        precisions: dict[str, float] = {}
        for size in sizes:
            finder = torch_finder(network, size)
            curves = make_curves(
                validation.pictures, [finder.find_in(picture) for picture in validation.pictures]
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
        raise click.UsageError(f"{output} holds a run already: pass --resume, or another folder")
    resuming = bool(resume) and (output / LAST).exists()
    train(load_checkpoint(init), training.pictures, plan, output, judge, resume=resuming)
    plot_history(load_history(output / LAST), output / "curves.png")


if __name__ == "__main__":
    main()
