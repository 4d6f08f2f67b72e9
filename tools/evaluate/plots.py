"""Pictures of an evaluation: curves of precision and recall, and a sheet of the largest misses."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image, ImageDraw

from anoncam.detectors.detector import Detections
from tools.dataset.dataset import LabelledPicture
from tools.evaluate.average_precision import LEAST_OVERLAP, Curve, overlaps

_COLUMNS, _ROWS, _TILE = 8, 5, 120


def plot_curves(curves: dict[str, dict[str, Curve]], output: Path) -> None:
    """Draw precision over recall into `output` (PNG): a panel per set, a line per model."""
    names = list(next(iter(curves.values())))
    figure = Figure(figsize=(4 * len(names), 4), layout="constrained")
    for axes, name in zip(np.atleast_1d(figure.subplots(1, len(names))), names, strict=True):
        for model, sets in curves.items():
            curve = sets[name]
            axes.plot(
                curve.recall,
                curve.precision,
                label=f"{model}: {curve.average_precision:.3f}",
                linewidth=1,
            )
        axes.set(title=name, xlabel="recall", ylabel="precision", xlim=(0, 1), ylim=(0, 1.01))
        axes.grid(visible=True, alpha=0.3)
        axes.legend(fontsize="x-small", loc="lower left")
    figure.savefig(output, dpi=80)


def draw_misses(
    pictures: Sequence[LabelledPicture], found: Sequence[Detections], threshold: float, output: Path
) -> int:
    """Draw the highest missed faces into `output` (PNG), and count all missed faces.

    A face is missed if no detection of at least `threshold` overlaps it. The sheet shows clear
    faces: show it only to people who may see the pictures.
    """
    missed: list[tuple[float, int, int]] = []
    for number, (labelled, detections) in enumerate(zip(pictures, found, strict=True)):
        strong = detections[detections[:, 4] >= threshold]
        hit = overlaps(strong, labelled.boxes).max(axis=0, initial=0.0) >= LEAST_OVERLAP
        missed += [
            (float(labelled.boxes[face, 3]), number, int(face)) for face in np.nonzero(~hit)[0]
        ]
    missed.sort(reverse=True)
    sheet = Image.new("RGB", (_COLUMNS * _TILE, _ROWS * _TILE), "white")
    for place, (_, number, face) in enumerate(missed[: _COLUMNS * _ROWS]):
        corner = place % _COLUMNS * _TILE, place // _COLUMNS * _TILE
        sheet.paste(_tile(pictures[number], face), corner)
    sheet.save(output)
    return len(missed)


def _tile(labelled: LabelledPicture, face: int) -> Image.Image:
    x, y, width, height = (float(value) for value in labelled.boxes[face])
    half = max(width, height)
    centre = x + width / 2, y + height / 2
    region = tuple(
        round(side)
        for side in (centre[0] - half, centre[1] - half, centre[0] + half, centre[1] + half)
    )
    with Image.open(labelled.path) as opened:
        tile = (
            opened.convert("RGB")
            .crop((region[0], region[1], region[2], region[3]))
            .resize((_TILE - 4, _TILE - 4))
        )
    draw, scale = ImageDraw.Draw(tile), (_TILE - 4) / (2 * half)
    outline = [(x - region[0]) * scale, (y - region[1]) * scale]
    draw.rectangle(
        [*outline, outline[0] + width * scale, outline[1] + height * scale], outline="red"
    )
    draw.text((3, 3), f"{height:.0f} px", "yellow")
    return tile
