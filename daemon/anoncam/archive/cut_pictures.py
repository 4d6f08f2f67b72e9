"""Reads the two pictures at a cut again, for the tracking pass."""

from anoncam.archive.tracking_pass import ReadCells
from anoncam.clock import Clock, Stop
from anoncam.config.schema import FilesSettings
from anoncam.errors import InputError, StoppedError
from anoncam.frames.pool import FramePool
from anoncam.motion.cells import Cells, take_cells
from anoncam.sources.file_part import FilePart
from anoncam.sources.process.media_process import DEFAULT_LIMITS
from anoncam.stores.place import Place

_BEFORE = 2_000_000_000
"""Nanoseconds before the cut from which on it is read, to have the frame before it."""


def read_cells(
    path: Place, clock: Clock, stop: Stop, limits: FilesSettings = DEFAULT_LIMITS
) -> ReadCells:
    """What reads the cells at the cuts of the file.

    What it returns raises an InputError if there is no such frame, and a StoppedError if the stop
    was requested.
    """

    def read(cut: int) -> tuple[Cells, Cells]:
        before: Cells | None = None
        with FilePart(path, cut - _BEFORE, cut + 1, clock=clock, stop=stop, limits=limits) as part:
            pool = FramePool(part.format, 1)
            while (taken := part.read()) is not None:
                try:
                    frame = pool.acquire()
                    assert frame is not None  # noqa: S101 - nobody else has it
                    taken.copy_into(frame)
                    cells, timestamp = take_cells(frame), frame.timestamp
                    pool.release(frame)
                finally:
                    taken.close()
                if timestamp == cut and before is not None:
                    return before, cells
                before = cells
        if stop.requested:
            raise StoppedError("stopped")
        raise InputError("the pictures at a cut cannot be found again")

    return read
