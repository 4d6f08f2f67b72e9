"""The anonymizer: turns a raw frame into an anonymized one, in the frame's own buffer."""

import logging
from dataclasses import dataclass

import numpy as np

from anoncam.anonymizer.anonymized_frame import _MAKERS_KEY, AnonymizedFrame
from anoncam.anonymizer.chunk_memory import ChunkMemory
from anoncam.anonymizer.grid import Grid, lay_grid, widen
from anoncam.anonymizer.planes import paint
from anoncam.anonymizer.square_means import square_means
from anoncam.anonymizer.surroundings import GREY, Surroundings, look_around
from anoncam.anonymizer.tone_memory import ToneMemory
from anoncam.anonymizer.tones import SecretOffsets, Sides, Tones, private_tones, solid_tones
from anoncam.anonymizer.visible import visible_blocks
from anoncam.anonymizer.zones import ZoneMask, rasterise
from anoncam.config.schema import AnonymizerSettings, Zone
from anoncam.events.event import Event, emit
from anoncam.frames.frame import Frame, FrameFormat
from anoncam.tracking.coverage import Coverage

VEIL_KEY = "veil"
"""The key of the veil. Its tones are those of the scene when it was last visible."""


@dataclass(frozen=True)
class _Job:
    """Squares to paint; of a zone, only what lies in it."""

    grid: Grid
    key: str
    zone: ZoneMask | None = None


class Anonymizer:
    """Covers faces with a grid of squares.

    >>> anonymizer = Anonymizer(AnonymizerSettings())
    >>> footage = anonymizer.apply(frame, Coverage((CoverBox((10, 10, 60, 70), "track 1"),)))
    """

    def __init__(self, settings: AnonymizerSettings, secret: bytes | None = None) -> None:
        self._offsets = SecretOffsets(secret)
        self._memory: ToneMemory | ChunkMemory = ToneMemory()
        self._zones: tuple[FrameFormat, tuple[Zone, ...], tuple[ZoneMask, ...]] | None = None
        self._failures = 0
        self.configure(settings)

    def configure(self, settings: AnonymizerSettings) -> None:
        """Use other settings from the next frame on. May be called from another thread."""
        self._settings = settings

    def begin(self, *, in_chunks: bool = False) -> None:
        """Start with other footage: its squares show nothing of what came before.

        Of a file `in_chunks`, each chunk can be covered by itself, with the same result.
        """
        self._memory = ChunkMemory() if in_chunks else ToneMemory()

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
                plane[:] = int(GREY)

    def _veil(self, frame: Frame, settings: AnonymizerSettings) -> None:
        whole = (0.0, 0.0, float(frame.format.width), float(frame.format.height))
        grid = lay_grid(whole, settings.rows, frame.format)
        assert grid is not None  # noqa: S101 - a picture without area cannot be made
        nothing = Surroundings(np.full((1, 4, 3), GREY), np.zeros(1))
        sides = self._memory.smooth([VEIL_KEY], nothing, frame)
        self._paint(frame, [_Job(grid, VEIL_KEY)], sides, settings)
        self._memory.keep([], [], frame)

    def _cover(self, frame: Frame, coverage: Coverage, settings: AnonymizerSettings) -> None:
        jobs = []
        for cover in coverage.boxes:
            box = widen(cover.box, settings, frame.format.rotation)
            grid = lay_grid(box, settings.rows, frame.format)
            if grid is not None:
                jobs.append(_Job(grid, cover.key))
        for number, zone in enumerate(self._zone_masks(settings.zones, frame.format)):
            grid = lay_grid(zone.box, settings.rows, frame.format)
            assert grid is not None  # noqa: S101 - the mask lies in the picture
            jobs.append(_Job(grid, f"zone {number}", zone))
        visible = visible_blocks(frame.format, ((job.grid, job.zone) for job in jobs))
        around = look_around(frame, [job.grid for job in jobs], visible)
        keys = [*(job.key for job in jobs), VEIL_KEY]
        sides = self._memory.smooth(keys, around, frame)
        self._paint(frame, jobs, sides[:-1], settings)
        # An error before this line brings the veil: what was visible here is remembered only now.
        self._memory.keep(keys, sides, frame)

    def _paint(
        self, frame: Frame, jobs: list[_Job], sides: list[Sides], settings: AnonymizerSettings
    ) -> None:
        # All tones are known before the first square is painted: the order of overlapping boxes
        # must not matter.
        fills = [
            self._fill(frame, job, each, settings) for job, each in zip(jobs, sides, strict=True)
        ]
        for job, fill in zip(jobs, fills, strict=True):
            paint(frame, job.grid, fill, job.zone)

    def _zone_masks(self, zones: tuple[Zone, ...], picture: FrameFormat) -> tuple[ZoneMask, ...]:
        if self._zones is None or self._zones[:2] != (picture, zones):
            self._zones = picture, zones, tuple(rasterise(zone, picture) for zone in zones)
        return self._zones[2]

    def _fill(self, frame: Frame, job: _Job, sides: Sides, settings: AnonymizerSettings) -> Tones:
        match settings.fill:
            case "mean":
                return square_means(frame, job.grid)
            case "solid":
                return solid_tones(sides, *job.grid.shape)
            case "private":
                return private_tones(sides, self._offsets.of(job.key, job.grid))
