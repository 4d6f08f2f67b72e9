"""The evaluation of model files on a data set, with its plots."""

from collections.abc import Iterator
from pathlib import Path

import click
from tqdm import tqdm

from tools.dataset.formats import read_dataset
from tools.evaluate.average_precision import Curve, make_curves
from tools.evaluate.evaluation import Evaluation, evaluate
from tools.evaluate.model_files import open_detectors
from tools.evaluate.plots import draw_misses, plot_curves
from tools.network.layout import Size


def evaluate_files(
    models: tuple[Path, ...],
    data: Path,
    sizes: list[Size],
    threshold: float,
    count: int | None,
    output: Path | None,
    *,
    turned: bool = False,
) -> Iterator[Evaluation]:
    """Yield the evaluation of each model on `data`, and draw plots into `output`.

    With `turned`, the detectors are shown each picture turned by 90 degrees. What was read and
    drawn is reported on stderr.

    Raises:
        InputError: the data cannot be read.
        ModelError: a model cannot be used.
    """
    dataset = read_dataset(data)
    click.echo(dataset, err=True)
    pictures = dataset.pictures
    if count is not None and count < len(pictures):
        pictures = [pictures[number * len(pictures) // count] for number in range(count)]
    curves: dict[str, dict[str, Curve]] = {}
    for detector in (detector for model in models for detector in open_detectors(model, sizes)):
        detector.turned = turned
        shown = tqdm(pictures, detector.name, unit="picture", leave=False, disable=None)
        found = [detector.detect_in(picture) for picture in shown]
        curves[detector.name] = sets = make_curves(pictures, found)
        yield evaluate(detector, pictures, found, sets, threshold)
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
            sheet = output / f"misses-{detector.name.replace(' ', '-')}.png"
            missed = draw_misses(pictures, found, threshold, sheet)
            click.echo(f"  {missed} faces missed, the largest in {sheet}", err=True)
    if output is not None:
        plot_curves(curves, output / "precision-recall.png")
        click.echo(f"curves: {output / 'precision-recall.png'}", err=True)
