"""Reads videos and pictures with libav."""

import gc
from collections.abc import Generator
from fractions import Fraction
from pathlib import Path

import av
from av.stream import Disposition

from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.errors import InputError
from anoncam.frames.frame import FrameTime
from anoncam.sources.base_source import BaseSource
from anoncam.sources.libav.decoded_capture import Converter, DecodedCapture
from anoncam.sources.libav.decoding_pass import DecodingPass
from anoncam.sources.libav.frame_format import describe_format
from anoncam.sources.libav.open_media import find_footage, is_picture, open_media
from anoncam.sources.libav.orientation import clockwise_turn
from anoncam.sources.libav.quicktime import QUICKTIME, refers_to_other_files
from anoncam.sources.libav.resolution import resolution_of
from anoncam.sources.libav.transparency import alpha_of, background
from anoncam.sources.timestamps import Timestamps, nanoseconds


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
    asks for.

    Raises:
        InputError: the file cannot be read, or holds no footage.
    """

    def __init__(
        self,
        path: Path,
        *,
        paced: bool,
        loop: bool,
        clock: Clock,
        stop: Stop,
        rotation: int = 0,
        stream: int | None = None,
    ) -> None:
        super().__init__(stop, clock)
        self.description = str(path)
        self.live = paced
        self._path = path
        self._loop = loop
        self._index = stream
        self._container = open_media(path)
        try:
            self._open(rotation)
        except BaseException:
            self._container.close()
            raise

    def _open(self, rotation: int) -> None:
        self._frames = self._decode()
        first = next(self._frames, None)
        if first is None:
            raise self._without_pictures()
        self._pending: av.VideoFrame | None = first
        stream = self._stream
        self.format = describe_format(first, stream, rotation + clockwise_turn(first, self._path))
        self.time_base: Fraction = stream.time_base or Fraction(1, av.time_base)
        self.is_picture = is_picture(self._container, self._path) or bool(
            stream.disposition & Disposition.still_image
        )
        self.alpha = alpha_of(first) if self.is_picture else None
        self.resolution = resolution_of(self._path) if self.is_picture else None
        self._converter = Converter(
            background(stream.codec_context.name, is_picture=self.is_picture)
        )
        interval = round(NANOSECONDS / self.format.frame_rate)
        self._timestamps = Timestamps(interval, nanoseconds(1, self.time_base))
        self.start = nanoseconds(first.pts or 0, self.time_base)
        self.duration = self._estimate_duration()
        self.frames = self._estimate_frames()
        self._due: int | None = None
        self._arrival = 0

    def _without_pictures(self) -> InputError:
        if self._container.format.name == QUICKTIME and refers_to_other_files(self._path):
            return InputError(
                f"{self._path} has its pictures in another file, which is not opened",
                "export it as one file",
            )
        return InputError(f"{self._path} has no picture that can be decoded")

    def _estimate_duration(self) -> float | None:
        if self.is_picture:
            return None
        if self._stream.duration is not None:
            return float(self._stream.duration * self.time_base)
        return None if self._container.duration is None else self._container.duration / av.time_base

    def _estimate_frames(self) -> int | None:
        if self.is_picture:
            return 1
        if self._stream.frames:
            return self._stream.frames
        return (
            None if self.duration is None else max(1, round(self.duration * self.format.frame_rate))
        )

    def _decode(self) -> Generator[av.VideoFrame]:
        self._stream = find_footage(self._container, self._path, self._index)
        # Several threads would each hold a picture, and there is only one.
        is_single = is_picture(self._container, self._path)
        self._stream.thread_type = "SLICE" if is_single else "AUTO"
        return DecodingPass(self._container, self._stream, self._path).frames()

    def _read(self) -> DecodedCapture | None:
        frame = self._next_frame()
        if frame is None:
            return None
        stamped = None if frame.pts is None else nanoseconds(frame.pts, self.time_base)
        timestamp = self._timestamps.next(stamped)
        if not self.live:
            time = FrameTime(timestamp, timestamp)
        elif self._sleep_until(due := self._due_time(timestamp)):
            # A machine that is too slow shows the frames later than they were due.
            self._arrival = max(self._clock.monotonic(), self._arrival + 1)
            time = FrameTime(self._arrival, due)
        else:
            return None
        return DecodedCapture(frame, time, self._converter, self._handle)

    def _next_frame(self) -> av.VideoFrame | None:
        frame, self._pending = self._pending, None
        frame = frame or next(self._frames, None)
        if frame is None and self._loop:
            self._begin_again()
            frame = next(self._frames, None)
        return frame

    def _begin_again(self) -> None:
        # Not every format can seek, but every file can be opened again.
        self._container.close()
        self._container = open_media(self._path)
        self._frames = self._decode()
        # A container and its streams refer to each other. Without this, the old decoder would keep
        # its threads and buffers for long.
        gc.collect()
        self._timestamps.restart()

    def _due_time(self, timestamp: int) -> int:
        if self._due is None:
            self._due = self._clock.monotonic() - timestamp
        return self._due + timestamp

    def _release(self) -> None:
        self._frames.close()
        self._container.close()
