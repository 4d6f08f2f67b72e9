"""The anonymizer: turns a raw frame into an anonymized one, in the frame's own buffer."""

import logging
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from anoncam.anonymizer import tones
from anoncam.anonymizer.anonymized_frame import _MAKERS_KEY, AnonymizedFrame
from anoncam.anonymizer.grid import Edges, Grid, lay_grid, widen
from anoncam.anonymizer.zones import ZoneMask, rasterise
from anoncam.config.schema import AnonymizerSettings, Zone
from anoncam.events.event import Event, emit
from anoncam.frames.frame import Frame, FrameFormat
from anoncam.tracking.coverage import Coverage

VEIL_KEY = "veil"

_GREY = 128


class Anonymizer:
    """Covers faces with a grid of squares.

    >>> anonymizer = Anonymizer(AnonymizerSettings())
    >>> footage = anonymizer.apply(frame, Coverage((CoverBox((10, 10, 60, 70), "track 1"),)))
    """

    def __init__(self, settings: AnonymizerSettings, secret: bytes | None = None) -> None:
        self._tones = tones.SecretTones(secret)
        self._means = tones.CoarseMeans()
        self._zones: tuple[FrameFormat, tuple[Zone, ...], tuple[ZoneMask, ...]] | None = None
        self._failures = 0
        self.configure(settings)

    def configure(self, settings: AnonymizerSettings) -> None:
        """Use other settings from the next frame on. May be called from another thread."""
        self._settings = settings

    def apply(self, frame: Frame, coverage: Coverage) -> AnonymizedFrame:
        """Cover the boxes of `coverage` and the zones; after any error, the whole frame."""
        settings = self._settings
        try:
            if coverage.veil:
                self._veil(frame, settings)
            else:
                self._cover(frame, coverage, settings)
                self._succeeded()
        except Exception as error:
            self._failed(error, frame.timestamp)
            self._veil_somehow(frame, settings)
            # The error may come from the coverage itself.
            coverage = Coverage(veil=f"covering failed ({type(error).__name__})")
        return AnonymizedFrame(frame, coverage, _MAKERS_KEY)

    def _failed(self, error: Exception, timestamp: int) -> None:
        self._failures += 1
        if self._failures == 1:
            reason = f"covering failed ({type(error).__name__}: {error})"
            text = f"frames are veiled: {reason}"
            emit(Event.VEIL_BEGAN, text, level=logging.ERROR, reason=reason, timestamp=timestamp)

    def _succeeded(self) -> None:
        if self._failures:
            text = f"covering works again, after {self._failures} frames"
            emit(Event.VEIL_ENDED, text, frames=self._failures)
            self._failures = 0

    def _veil_somehow(self, frame: Frame, settings: AnonymizerSettings) -> None:
        try:
            self._veil(frame, settings)
        except Exception:
            # The same error can break the veil's grid, and it is already reported. Grey needs
            # nothing that can fail.
            for plane in (frame.luma, *frame.chroma):
                plane[:] = _GREY

    def _veil(self, frame: Frame, settings: AnonymizerSettings) -> None:
        whole = (0.0, 0.0, float(frame.format.width), float(frame.format.height))
        grid = lay_grid(whole, settings.rows, frame.format)
        assert grid is not None  # noqa: S101 - a picture without area cannot be made
        _paint(frame, grid, self._fill(frame, grid, VEIL_KEY, settings), None)

    def _cover(self, frame: Frame, coverage: Coverage, settings: AnonymizerSettings) -> None:
        jobs: list[tuple[Grid, str, ZoneMask | None]] = []
        for cover in coverage.boxes:
            box = widen(cover.box, settings, frame.format.rotation)
            grid = lay_grid(box, settings.rows, frame.format)
            if grid is not None:
                jobs.append((grid, cover.key, None))
        for number, zone in enumerate(self._zone_masks(settings.zones, frame.format)):
            grid = lay_grid(zone.box, settings.rows, frame.format)
            assert grid is not None  # noqa: S101 - the mask lies in the picture
            jobs.append((grid, f"zone {number}", zone))
        # All tones are taken before the first square is painted: the order of overlapping boxes
        # must not matter.
        fills = [self._fill(frame, grid, key, settings) for grid, key, _ in jobs]
        for (grid, _, zone_mask), fill in zip(jobs, fills, strict=True):
            _paint(frame, grid, fill, zone_mask)

    def _zone_masks(self, zones: tuple[Zone, ...], picture: FrameFormat) -> tuple[ZoneMask, ...]:
        if self._zones is None or self._zones[:2] != (picture, zones):
            self._zones = picture, zones, tuple(rasterise(zone, picture) for zone in zones)
        return self._zones[2]

    def _fill(
        self, frame: Frame, grid: Grid, key: str, settings: AnonymizerSettings
    ) -> tones.Tones:
        """The tones of all squares, of shape (rows, columns, 3: Y, U, V)."""
        filled = np.empty((len(grid.y_edges) - 1, len(grid.x_edges) - 1, 3), np.int16)
        for number, plane in enumerate(_planes(frame)):
            columns, lines = grid.halves if number else (grid.x_edges, grid.y_edges)
            if settings.fill == "mean":
                filled[..., number] = tones.square_means(plane, columns, lines)
            else:
                part = plane[lines[0] : lines[-1], columns[0] : columns[-1]]
                filled[..., number] = self._means.take(key, number, part)
        if settings.fill == "private":
            filled += self._tones.offsets(key, grid)
        return tones.lighten(filled)


def _planes(frame: Frame) -> tuple[NDArray[np.uint8], ...]:
    """Y, U and V as views of shape (rows, columns)."""
    if len(frame.chroma) == 2:
        return frame.luma, *frame.chroma
    return frame.luma, frame.chroma[0][..., 0], frame.chroma[0][..., 1]


def _paint(frame: Frame, grid: Grid, fill: tones.Tones, zone: ZoneMask | None) -> None:
    """Write the squares into all planes; of a zone only the samples that lie in it."""
    samples, blocks = (None, None) if zone is None else (zone.samples, zone.blocks)
    _paint_plane(frame.luma, grid.x_edges, grid.y_edges, fill[..., 0], samples)
    columns, lines = grid.halves
    if len(frame.chroma) == 2:
        for number, plane in enumerate(frame.chroma, 1):
            _paint_plane(plane, columns, lines, fill[..., number], blocks)
    else:
        pairs = None if blocks is None else blocks[..., None]
        _paint_plane(frame.chroma[0], columns, lines, fill[..., 1:], pairs)


def _paint_plane(
    plane: NDArray[np.uint8],
    columns: Edges,
    lines: Edges,
    fill: NDArray[np.uint8],
    mask: NDArray[np.bool_] | None,
) -> None:
    part = plane[lines[0] : lines[-1], columns[0] : columns[-1]]
    widths = [right - left for left, right in pairwise(columns)]
    # One row of samples for each row of squares: numpy copies it down at the speed of memory.
    rows = fill.repeat(widths, axis=1)[:, : part.shape[1]]
    for row, top, bottom in zip(rows, lines, lines[1:], strict=False):
        band = slice(top - lines[0], bottom - lines[0])
        if mask is None:
            part[band] = row
        else:
            np.copyto(part[band], row, where=mask[band])
