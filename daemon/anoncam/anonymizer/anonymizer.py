"""The anonymizer: turns a raw frame into an anonymized one, in the frame's own buffer."""

import logging

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer import tones
from anoncam.anonymizer.anonymized import _MAKERS_KEY, AnonymizedFrame
from anoncam.anonymizer.grid import Grid, lay_grid, widen
from anoncam.anonymizer.zones import ZoneMask, rasterise
from anoncam.config.schema import AnonymizerSettings
from anoncam.coverage import Coverage
from anoncam.frame import Frame, FrameFormat

VEIL_KEY = "veil"


class Anonymizer:
    """Covers faces with a grid of squares.

    >>> anonymizer = Anonymizer(AnonymizerSettings())
    >>> footage = anonymizer.apply(frame, Coverage((CoverBox((10, 10, 60, 70), "track 1"),)))
    """

    def __init__(self, settings: AnonymizerSettings, secret: bytes | None = None) -> None:
        self._tones = tones.SecretTones(secret)
        self.configure(settings)

    def configure(self, settings: AnonymizerSettings) -> None:
        """Take other settings, from the next frame on."""
        self._settings = settings
        self._zones: tuple[FrameFormat, tuple[ZoneMask, ...]] | None = None

    def apply(self, frame: Frame, coverage: Coverage) -> AnonymizedFrame:
        """Cover what `coverage` names, or everything: an error on the way ends in the veil, never in a clear frame."""
        try:
            if not coverage.veil:
                self._cover(frame, coverage)
                return AnonymizedFrame(frame, _MAKERS_KEY)
        except Exception:
            logging.getLogger(__name__).exception("covering a frame failed, so it is veiled")
        self._veil(frame)
        return AnonymizedFrame(frame, _MAKERS_KEY)

    def _veil(self, frame: Frame) -> None:
        whole = (0.0, 0.0, float(frame.format.width), float(frame.format.height))
        grid = lay_grid(whole, self._settings.rows, frame.format)
        assert grid is not None  # noqa: S101 - a picture without area cannot be made
        _paint(frame, grid, self._fill(frame, grid, VEIL_KEY), None)

    def _cover(self, frame: Frame, coverage: Coverage) -> None:
        jobs: list[tuple[Grid, str, NDArray[np.bool_] | None]] = []
        for cover in coverage.boxes:
            box = widen(cover.box, self._settings, frame.format.rotation)
            grid = lay_grid(box, self._settings.rows, frame.format)
            if grid is not None:
                jobs.append((grid, cover.key, None))
        for number, zone in enumerate(self._zone_masks(frame.format)):
            grid = lay_grid(zone.box, self._settings.rows, frame.format)
            assert grid is not None  # noqa: S101 - the mask lies in the picture
            jobs.append((grid, f"zone {number}", zone.blocks))
        # All tones are taken before the first square is painted, so that overlapping boxes do not depend on order.
        fills = [self._fill(frame, grid, key) for grid, key, _ in jobs]
        for (grid, _, mask), fill in zip(jobs, fills, strict=True):
            _paint(frame, grid, fill, mask)

    def _zone_masks(self, picture: FrameFormat) -> tuple[ZoneMask, ...]:
        if self._zones is None or self._zones[0] != picture:
            self._zones = picture, tuple(rasterise(zone, picture) for zone in self._settings.zones)
        return self._zones[1]

    def _fill(self, frame: Frame, grid: Grid, key: str) -> tones.Tones:
        """The tones of all squares, of shape (rows, columns, 3: Y, U, V)."""
        planes = [frame.luma, *_chroma(frame)]
        rows, columns = len(grid.y_edges) - 1, len(grid.x_edges) - 1
        filled = np.empty((rows, columns, 3), np.int16)
        if self._settings.fill == "mean":
            for number, plane in enumerate(planes):
                scale = 1 if number == 0 else 2
                filled[..., number] = tones.square_means(plane, grid.x_edges // scale, grid.y_edges // scale)
            return tones.lighten(filled)
        left, right, top, bottom = grid.x_edges[0], grid.x_edges[-1], grid.y_edges[0], grid.y_edges[-1]
        means = [tones.coarse_mean(planes[0][top:bottom, left:right])]
        means += [tones.coarse_mean(plane[top // 2 : bottom // 2, left // 2 : right // 2]) for plane in planes[1:]]
        filled[:] = np.array(means, np.int16)
        if self._settings.fill == "private":
            offsets = self._tones.offsets(key, -(-(grid.first_column + columns) // 16) * 16)
            filled = tones.private(filled, offsets, grid)
        return tones.lighten(filled)


def _chroma(frame: Frame) -> list[NDArray[np.uint8]]:
    """U and V, each of shape (height, width), as views."""
    if len(frame.chroma) == 2:
        return list(frame.chroma)
    return [frame.chroma[0][..., 0], frame.chroma[0][..., 1]]


def _paint(frame: Frame, grid: Grid, fill: tones.Tones, mask: NDArray[np.bool_] | None) -> None:
    """Write the squares into the planes, or into those of their samples whose block is in `mask`."""
    lines, columns = grid.y_edges, grid.x_edges
    _paint_plane(frame.luma, lines, columns, fill[..., 0], None if mask is None else _per_luma_sample(mask, frame))
    if len(frame.chroma) == 2:
        for number, plane in enumerate(frame.chroma):
            _paint_plane(plane, lines // 2, columns // 2, fill[..., number + 1], mask)
    else:
        _paint_plane(
            frame.chroma[0], lines // 2, columns // 2, fill[..., 1:], None if mask is None else mask[..., None]
        )


def _paint_plane(
    plane: NDArray[np.uint8],
    lines: NDArray[np.intp],
    columns: NDArray[np.intp],
    fill: NDArray[np.uint8],
    mask: NDArray[np.bool_] | None,
) -> None:
    left, right = int(columns[0]), min(int(columns[-1]), plane.shape[1])
    widths = np.diff(columns)
    # One row of samples for each row of squares: numpy then spreads it down at the speed of memory.
    for row, top, bottom in zip(np.repeat(fill, widths, axis=1), lines[:-1].tolist(), lines[1:].tolist(), strict=True):
        target = plane[top:bottom, left:right]
        if mask is None:
            target[:] = row[: right - left]
        else:
            np.copyto(target, row[: right - left], where=mask[top:bottom, left:right])


def _per_luma_sample(mask: NDArray[np.bool_], frame: Frame) -> NDArray[np.bool_]:
    height, width = frame.luma.shape
    return mask.repeat(2, axis=0).repeat(2, axis=1)[:height, :width]
