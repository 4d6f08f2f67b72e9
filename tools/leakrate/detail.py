"""The detail of a face, and whether it is still there afterwards.

Only the pictures before and after are compared, so any program can be measured. A face is scaled to
one height. Its detail is taken in a band of frequencies around a tenth of that height, where eyes,
nose and mouth are. The inner 80 % of its box is cut into nine cells. A cell leaks when the detail
afterwards correlates with the detail before and is not much weaker (gain). A face leaks when three
cells do.
"""

from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from tools.leakrate.labels import Rectangle

LEAST_CORRELATION = 0.8
LEAST_GAIN = 0.5
LEAST_CELLS = 3
CELLS = 3
INNER = 0.8

_HEIGHT = 48
"""The height in samples to which every face is scaled."""

_FINE, _COARSE = 1.0, 3.0
"""Standard deviations, in samples, of the two Gaussians whose difference is the detail."""

_MARGIN = 8
"""Samples around the box that the filter also reads."""

_NOTHING = 1e-6
"""A cell with less variance than this shows no detail."""

Luma = NDArray[np.uint8]
"""Shape (height, width)."""

Detail = NDArray[np.float32]
"""Shape (samples down, samples across), without the margin."""


def take_detail(luma: Luma, box: Rectangle) -> Detail:
    """Take the detail of the face in `box`."""
    x, y, width, height = box
    scale = _HEIGHT / height
    across = max(CELLS * 2, round(width * scale))
    margin = _MARGIN / scale
    left, top, right, bottom = x - margin, y - margin, x + width + margin, y + height + margin
    # Beyond the border of the picture, its edge is repeated.
    columns = np.arange(int(np.floor(left)) - 2, int(np.ceil(right)) + 3)
    rows = np.arange(int(np.floor(top)) - 2, int(np.ceil(bottom)) + 3)
    around = luma[np.ix_(rows.clip(0, luma.shape[0] - 1), columns.clip(0, luma.shape[1] - 1))]
    inside = (left - columns[0], top - rows[0], right - columns[0], bottom - rows[0])
    size = across + 2 * _MARGIN, _HEIGHT + 2 * _MARGIN
    picture = Image.fromarray(around.astype(np.float32)).resize(
        size, Image.Resampling.BILINEAR, box=inside
    )
    samples = np.asarray(picture)
    band = _blurred(samples, _FINE) - _blurred(samples, _COARSE)
    return np.asarray(band[_MARGIN:-_MARGIN, _MARGIN:-_MARGIN])


def leaking_cells(before: Detail, after: Detail) -> int:
    """Count the cells, of nine, in which the detail is still there."""
    return sum(_leaks(*cell) for cell in zip(_cells(before), _cells(after), strict=True))


def _leaks(before: NDArray[np.float64], after: NDArray[np.float64]) -> bool:
    before, after = before - before.mean(), after - after.mean()
    power, power_after, shared = (
        (before * before).mean(),
        (after * after).mean(),
        (before * after).mean(),
    )
    if power < _NOTHING or power_after < _NOTHING:
        return False
    return bool(
        shared > LEAST_CORRELATION * np.sqrt(power * power_after) and shared > LEAST_GAIN * power
    )


def _cells(detail: Detail) -> list[NDArray[np.float64]]:
    edges = [
        np.rint(np.linspace((1 - INNER) / 2, (1 + INNER) / 2, CELLS + 1) * side).astype(int)
        for side in detail.shape
    ]
    return [
        detail[top:bottom, left:right].astype(np.float64)
        for top, bottom in zip(edges[0], edges[0][1:], strict=False)
        for left, right in zip(edges[1], edges[1][1:], strict=False)
    ]


def _blurred(samples: NDArray[np.float32], deviation: float) -> NDArray[np.float32]:
    rows, columns = samples.shape
    return np.asarray(_gaussian(rows, deviation) @ samples @ _gaussian(columns, deviation).T)


@cache
def _gaussian(length: int, deviation: float) -> NDArray[np.float32]:
    """Make the matrix that blurs `length` samples; each row adds up to one, also at the ends."""
    places = np.arange(length)
    weights = np.exp(-((places[:, None] - places[None, :]) ** 2) / (2 * deviation**2))
    return np.asarray(weights / weights.sum(axis=1, keepdims=True), np.float32)
