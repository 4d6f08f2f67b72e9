"""Decodes a part of a media file, from the key frame before it."""

from fractions import Fraction

from anoncam.clock import NANOSECONDS
from anoncam.errors import InputError
from anoncam.sources.libav.decoded_file import Decoded, DecodedFile
from anoncam.sources.libav.file_limits import FileLimits
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.timestamps import nanoseconds

_MARGIN = NANOSECONDS
"""Nanoseconds before the part at which a key frame is looked for first: seeking is not exact."""


class DecodedPart(DecodedFile):
    """The frames of a video from `begin` to before `end`, in nanoseconds of the file's own time.

    All that is said of the file, such as `format` and `start`, is that of the whole file.

    >>> part = DecodedPart(media, limits, 60 * NANOSECONDS, 120 * NANOSECONDS)
    >>> first = part.next()

    Raises:
        InputError: the file cannot be read, or not in parts: its pictures are damaged, or its clock
            is not to be trusted.
    """

    threads = 1
    """Parts are decoded side by side. More threads would only wait for each other."""

    def __init__(self, media: OpenFile, limits: FileLimits, begin: int, end: int) -> None:
        super().__init__(media, limits)
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
                raise InputError(f"{self._media} has no key frame that can be found by its time")
            margin *= 4

    def next(self) -> Decoded | None:
        """Decode the next frame of the part; None at its end.

        Raises:
            InputError: the file can only be read as a whole.
        """
        while (decoded := super().next()) is not None:
            if self._pass.damaged or self._timestamps.repaired:
                raise InputError(f"{self._media} is damaged: it can only be read as a whole")
            if decoded.timestamp >= self._begin:
                return decoded if decoded.timestamp < self._end else None
        return None
