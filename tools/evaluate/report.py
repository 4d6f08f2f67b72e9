"""The figures and plots of an evaluation."""

import statistics
from pathlib import Path

import click
from tqdm import tqdm

from tools.dataset.formats import read_dataset
from tools.evaluate.average_precision import Curve, make_curves
from tools.evaluate.false_coverage import falsely_covered
from tools.evaluate.model_files import open_detectors
from tools.evaluate.plots import draw_misses, plot_curves
from tools.network.layout import Size

_THRESHOLDS = (0.1, 0.15, 0.2, 0.25, 0.3, 0.4, 0.5)


def report(
    models: tuple[Path, ...],
    data: Path,
    sizes: list[Size],
    threshold: float,
    count: int | None,
    output: Path | None,
) -> None:
    """Evaluate each of `models` on `data`, print the figures, and draw plots into `output`.

    Raises:
        InputError: the data cannot be read.
        ModelError: a model cannot be used.
    """
    dataset = read_dataset(data)
    click.echo(dataset)
    pictures = dataset.pictures
    if count is not None and count < len(pictures):
        pictures = [pictures[number * len(pictures) // count] for number in range(count)]
    curves: dict[str, dict[str, Curve]] = {}
    for detector in (detector for model in models for detector in open_detectors(model, sizes)):
        found = [
            detector.detect_in(picture)
            for picture in tqdm(
                pictures, unit="picture", desc=detector.name, leave=False, disable=None
            )
        ]
        curves[detector.name] = sets = make_curves(pictures, found)
        latency = statistics.median(detector.latencies) * 1000
        click.echo(
            f"\n{detector.name}: {detector.width}x{detector.height},"
            f" median {latency:.1f} ms of processor time a picture, decoding included"
        )
        click.echo(
            f"  {'set':10} {'faces':>6} {'AP':>7} {'recall':>7} {'precision':>9}"
            f"   (at a score of {threshold:g})"
        )
        for name, curve in sets.items():
            click.echo(
                f"  {name:10} {curve.faces:6} {curve.average_precision:7.4f}"
                f" {curve.recall_at(threshold):7.4f} {curve.precision_at(threshold):9.4f}"
            )
        broadest = list(sets)[0 if "hard" not in sets else 2]
        for step in _THRESHOLDS:
            area, recall = falsely_covered(pictures, found, step), sets[broadest].recall_at(step)
            click.echo(
                f"  score {step:4g}: recall {recall:.4f} ({broadest}), {area:.3%} falsely covered"
            )
        if output is not None:
            output.mkdir(parents=True, exist_ok=True)
            sheet = output / f"misses-{detector.name.replace(' ', '-')}.png"
            missed = draw_misses(pictures, found, threshold, sheet)
            click.echo(f"  {missed} faces missed, the largest in {sheet}")
    if output is not None:
        plot_curves(curves, output / "precision-recall.png")
        click.echo(f"\ncurves: {output / 'precision-recall.png'}")
