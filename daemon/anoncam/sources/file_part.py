"""A part of a media file, read from the key frame before it."""

from fractions import Fraction
from pathlib import Path

from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.config.schema import FilesSettings
from anoncam.errors import InputError
from anoncam.sources.file import FileSource
from anoncam.sources.libav.decoded_capture import DecodedCapture
from anoncam.sources.libav.open_media import DEFAULT_LIMITS
from anoncam.sources.timestamps import nanoseconds

_MARGIN = NANOSECONDS
"""Nanoseconds before the part at which a key frame is looked for first: seeking is not exact."""


class FilePart(FileSource):
    """The frames of a video from `begin` to before `end`, in nanoseconds of the file's own time.

    All that is said of the file, such as `format` and `start`, is that of the whole file.

    >>> with FilePart(path, 60 * NANOSECONDS, 120 * NANOSECONDS, clock=clock, stop=stop) as part:
    ...     first = part.read()

    Raises:
        InputError: the file cannot be read, or not in parts: its pictures are damaged, or its clock
            is not to be trusted.
    """

    def __init__(
        self,
        path: Path,
        begin: int,
        end: int,
        *,
        clock: Clock,
        stop: Stop,
        limits: FilesSettings = DEFAULT_LIMITS,
    ) -> None:
        super().__init__(path, paced=False, loop=False, clock=clock, stop=stop, limits=limits)
        self._begin = begin
        self._end = end
        try:
            if begin > self.start:
                self._go_to_key_frame()
        except BaseException:
            self.close()
            raise

    def _go_to_key_frame(self) -> None:
        """Read on from a key frame that is shown at `begin` or before."""
        margin = _MARGIN
        while True:
            target = max(self.start, self._begin - margin)
            ticks = int(Fraction(target, NANOSECONDS) / self.time_base)
            self._frames.close()
            self._container.seek(ticks, stream=self._stream)
            self._frames = self._pictures()
            # Pictures before the key frame may need others that were not read.
            self._pending = next((each for each in self._frames if each.key_frame), None)
            self._timestamps = self._make_timestamps()
            found = None if self._pending is None else self._pending.pts
            if found is not None and nanoseconds(found, self.time_base) <= self._begin:
                return
            if target == self.start:
                raise InputError(f"{self._path} has no key frame that can be found by its time")
            margin *= 4

    def _read(self) -> DecodedCapture | None:
        while (capture := super()._read()) is not None:
            if self._pass.damaged or self._timestamps.repaired:
                capture.close()
                raise InputError(f"{self._path} is damaged: it can only be read as a whole")
            if capture.time.arrival >= self._begin:
                break
            capture.close()
        if capture is not None and capture.time.arrival >= self._end:
            capture.close()
            return None
        return capture
