"""Measure how good detectors are, side by side: checkpoints, TFLite files and CoreML packages."""

import statistics
from pathlib import Path

import click
from tqdm import tqdm

from anoncam.config.schema import Config
from anoncam.errors import AnoncamError
from tools.dataset.formats import read_dataset
from tools.network.layout import Size
from tools.network.size_option import parse_sizes

_THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


@click.command(context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100})
@click.option(
    "--model",
    "models",
    multiple=True,
    required=True,
    type=click.Path(exists=True, path_type=Path),
    help="A .pt or .pth checkpoint, .tflite or .mlpackage; repeat it for several.",
)
@click.option(
    "--data",
    required=True,
    type=click.Path(exists=True, file_okay=False, path_type=Path),
    help="Pictures, with their labels in the folder or beside it.",
)
@click.option(
    "--size",
    "sizes",
    metavar="WxH[@WxH]",
    multiple=True,
    default=("640x640",),
    show_default=True,
    callback=parse_sizes,
    help="Input size of checkpoints, and the size to which they enlarge it; repeat it for several.",
)
@click.option(
    "--threshold",
    type=click.FloatRange(0, 1),
    help="Score to count recall at.  [default: the daemon's]",
)
@click.option("--count", type=click.IntRange(min=1), help="Only this many pictures, spread evenly.")
@click.option(
    "-o",
    "--output",
    type=click.Path(file_okay=False, path_type=Path),
    help="Folder for curves and misses.",
)
def main(
    models: tuple[Path, ...],
    data: Path,
    sizes: list[Size],
    threshold: float | None,
    count: int | None,
    output: Path | None,
) -> None:
    r"""Average precision by the protocol of WIDER FACE and by face height, recall, falsely covered
    area, latency.

    \b
    Example:
      python -m tools.evaluate --model models/anoncam-face-320x320.tflite --model yunet_n.pth \
          --size 320x320 --data faces/val -o report
    """
    try:
        _evaluate(
            models,
            data,
            sizes,
            Config().coverage.single_threshold if threshold is None else threshold,
            count,
            output,
        )
    except ModuleNotFoundError as error:
        raise click.ClickException(
            f"{error.name} is not installed (pip install 'anoncam[tools]')"
        ) from error
    except (AnoncamError, OSError) as error:
        raise click.ClickException(str(error)) from error


def _evaluate(
    models: tuple[Path, ...],
    data: Path,
    sizes: list[Size],
    threshold: float,
    count: int | None,
    output: Path | None,
) -> None:
    # Here, since torch takes seconds to import, and not everyone who asks for --help has it.
    from tools.evaluate.covering import falsely_covered  # noqa: PLC0415
    from tools.evaluate.drawing import draw_misses, plot_curves  # noqa: PLC0415
    from tools.evaluate.finders import make_finders  # noqa: PLC0415
    from tools.evaluate.scoring import Curve, make_curves  # noqa: PLC0415

    dataset = read_dataset(data)
    click.echo(dataset)
    pictures = dataset.pictures
    if count is not None and count < len(pictures):
        pictures = [pictures[number * len(pictures) // count] for number in range(count)]
    curves: dict[str, dict[str, Curve]] = {}
    for finder in (finder for model in models for finder in make_finders(model, sizes)):
        found = [
            finder.find_in(picture)
            for picture in tqdm(pictures, unit="picture", desc=finder.name, leave=False)
        ]
        curves[finder.name] = sets = make_curves(pictures, found)
        latency = statistics.median(finder.latencies) * 1000
        click.echo(
            f"\n{finder.name}: {finder.width}x{finder.height},"
            f" median {latency:.1f} ms of processor time a picture, decoding included"
        )
        click.echo(
            f"  {'set':10} {'faces':>6} {'AP':>7} {'recall':>7} {'precision':>9}   (at a score of {threshold:g})"
        )
        for name, curve in sets.items():
            click.echo(
                f"  {name:10} {curve.faces:6} {curve.average_precision:7.4f} {curve.recall_at(threshold):7.4f}"
                f" {curve.precision_at(threshold):9.4f}"
            )
        broadest = list(sets)[0 if "hard" not in sets else 2]
        for step in _THRESHOLDS:
            area, recall = falsely_covered(pictures, found, step), sets[broadest].recall_at(step)
            click.echo(
                f"  score {step:4g}: recall {recall:.4f} ({broadest}), {area:.3%} falsely covered"
            )
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
            sheet = output / f"misses-{finder.name.replace(' ', '-')}.png"
            click.echo(
                f"  {draw_misses(pictures, found, threshold, sheet)} faces missed, the largest in {sheet}"
            )
    if output is not None:
        plot_curves(curves, output / "precision-recall.png")
        click.echo(f"\ncurves: {output / 'precision-recall.png'}")


if __name__ == "__main__":
    main()
