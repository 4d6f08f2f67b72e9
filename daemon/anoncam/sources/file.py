"""Reads videos and pictures, which a confined process decodes."""

import contextlib
import mmap
import os
from fractions import Fraction

import numpy as np

from anoncam.clock import Clock, Stop
from anoncam.config.schema import FilesSettings
from anoncam.errors import InputError, StoppedError
from anoncam.frames.frame import FrameTime, Plane
from anoncam.sources.base_source import BaseSource
from anoncam.sources.process.media_process import DEFAULT_LIMITS, FileProcess
from anoncam.sources.process.messages import Done, Next, Opened, Warnings, with_name
from anoncam.sources.process.remote_capture import RemoteCapture, Tickets
from anoncam.sources.process.replies import ratio
from anoncam.sources.timestamps import Part
from anoncam.stores.place import Place


class FileSource(BaseSource):
    """The frames of a file: in real time like a camera if `paced`, else as fast as they are read.

    >>> clock = SystemClock()
    >>> with FileSource(path, paced=False, loop=False, clock=clock, stop=Stop()) as source:
    ...     first = source.read()

    `start` is the timestamp of the first frame in nanoseconds. `time_base` is the unit of the
    file's own timestamps, all of which are multiples of it. `frames` (their number) and `duration`
    (seconds) are estimates, or None if the file states nothing. `alpha` is that of a single picture
    with transparency, and `resolution` how large it is to be printed. `stream` is the number of the
    stream to read, instead of that with the footage. `rotation` is added to the turn that the file
    asks for. `rate` is the frame rate of a raw stream. `limits` are those of a file. What the
    container hides at the edges of the pictures is cut off, unless they are to be `whole`. Only a
    `part` is read if one is given, as a begin and an end in nanoseconds of the file's own time.

    `parts` are the stretches of the file with one clock each, so far, in units of `time_base`.
    `last_duration` is how long the frame read last is shown, in nanoseconds; 0 if the file does not
    say. `place` is where the file is.

    Raises:
        InputError: the file cannot be read, or holds no footage.
        StoreError: it is in a store, which refuses or cannot be reached.
        StoppedError: the stop was requested meanwhile.
    """

    def __init__(
        self,
        path: Place,
        *,
        paced: bool,
        loop: bool,
        clock: Clock,
        stop: Stop,
        rotation: int = 0,
        stream: int | None = None,
        rate: Fraction | None = None,
        whole: bool = False,
        limits: FilesSettings = DEFAULT_LIMITS,
        part: tuple[int, int] | None = None,
    ) -> None:
        super().__init__(stop, clock)
        self.place = path
        self.description = str(path)
        self.live = paced
        self.limits = limits
        self._media = FileProcess(path, limits, lambda: self._ended)
        try:
            self._opened = self._media.ask(
                Opened,
                "open",
                loop=loop,
                rotation=rotation,
                stream=stream,
                rate=None if rate is None else ratio(rate),
                whole=whole,
                part=part,
                limits=limits.model_dump(mode="json"),
            )
            self._take(self._opened)
        except BaseException:
            self._media.close()
            raise
        self.parts: list[Part] = [Part(0, 0)]
        self.last_duration = 0
        self._warnings: list[str] | None = None
        self._due: int | None = None
        self._arrival = 0
        self._last: int | None = None
        self._tickets = Tickets(self._media)

    def _take(self, opened: Opened) -> None:
        """Take what the process says of the file.

        Raises:
            InputError: it cannot be true.
        """
        if opened.width * opened.height > self.limits.max_pixels:
            raise InputError(f"{self.description} cannot be read: its pictures are too large")
        self.format = opened.format
        self.time_base = Fraction(*opened.time_base)
        self.start = opened.start
        self.is_picture = opened.is_picture
        self.frames = opened.frames
        self.duration = opened.duration
        self.resolution = opened.resolution
        self.alpha = self._fetch_alpha() if opened.has_alpha else None

    def _fetch_alpha(self) -> Plane:
        shape = self.format.height, self.format.width
        descriptor = os.memfd_create("anoncam-alpha")
        try:
            os.ftruncate(descriptor, shape[0] * shape[1])
            self._media.ask(Done, "alpha", [descriptor])
            with mmap.mmap(descriptor, 0, prot=mmap.PROT_READ) as area:
                return np.frombuffer(bytes(area), np.uint8).reshape(shape)
        finally:
            os.close(descriptor)

    def refuse_second_video(self) -> None:
        """Refuse a file with a second video, which a copy would leave out.

        Raises:
            InputError: there is one.
        """
        if self._opened.videos > 1:
            raise InputError(
                f"{self.description} holds {self._opened.videos} videos, and one alone can be"
                " anonymized",
                "extract each into a file of its own",
            )

    def left_out(self, *, keep_audio: bool) -> str:
        """What a copy of the footage, or of footage and sound, leaves out; empty if nothing."""
        return self._opened.left_out_beside_sound if keep_audio else self._opened.left_out

    @property
    def warnings(self) -> list[str]:
        """What was assumed about the time of the frames that were read so far."""
        return self._ask_for_warnings() if self._warnings is None else self._warnings

    def _ask_for_warnings(self) -> list[str]:
        # Why there is no reply has been told already, or nobody waits for it.
        with contextlib.suppress(InputError, StoppedError):
            texts = self._media.ask(Warnings, "warnings").texts
            return [with_name(text, self.description) for text in texts]
        return []

    def _read(self) -> RemoteCapture | None:
        if self._warnings is not None:
            # The picture was read to its end, which has ended the process.
            return None
        try:
            decoded = self._media.ask(Next, "next", dropped=self._tickets.dropped())
        except StoppedError:
            return None
        if decoded.ticket is None:
            if self.is_picture:
                # Its memory is free while the picture is written.
                self._release()
            return None
        if self._last is not None and decoded.timestamp <= self._last:
            raise InputError(f"{self.description} cannot be read: its frames have no order")
        self._last = decoded.timestamp
        if decoded.begun is not None:
            self.parts.append(decoded.begun)
        self.last_duration = decoded.duration
        if not self.live:
            time = FrameTime(decoded.timestamp, decoded.timestamp)
        elif self._sleep_until(due := self._due_time(decoded.timestamp)):
            # A machine that is too slow shows the frames later than they were due.
            self._arrival = max(self._clock.monotonic(), self._arrival + 1)
            time = FrameTime(self._arrival, due)
        else:
            return None
        return RemoteCapture(decoded.ticket, time, self._tickets, self._handle)

    def _due_time(self, timestamp: int) -> int:
        if self._due is None:
            self._due = self._clock.monotonic() - timestamp
        return self._due + timestamp

    def _release(self) -> None:
        if self._warnings is not None:
            return
        self._warnings = self._ask_for_warnings()
        self._media.close()
