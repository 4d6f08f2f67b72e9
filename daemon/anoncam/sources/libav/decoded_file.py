"""Decodes videos and pictures with libav."""

import gc
from collections.abc import Generator
from dataclasses import dataclass, replace
from fractions import Fraction

import av
from av.stream import Disposition

from anoncam.clock import NANOSECONDS
from anoncam.errors import InputError
from anoncam.frames.frame import Picture
from anoncam.sources.libav.allowed_formats import STATE_DURATIONS
from anoncam.sources.libav.converter import Converter
from anoncam.sources.libav.cropping import crop_frames, hidden_margins
from anoncam.sources.libav.decoding_pass import DecodingPass
from anoncam.sources.libav.file_limits import FileLimits
from anoncam.sources.libav.frame_format import describe_format
from anoncam.sources.libav.left_out import default_track, describe_left_out
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.libav.open_media import (
    explain_empty,
    find_footage,
    footage_streams,
    is_picture,
    open_media,
)
from anoncam.sources.libav.orientation import clockwise_turn, mirror_frames
from anoncam.sources.libav.raw_stream import raw_rate
from anoncam.sources.libav.resolution import resolution_of
from anoncam.sources.libav.transparency import alpha_of, background
from anoncam.sources.timestamps import Part, Timestamps, nanoseconds

_JUMP = 10
"""Seconds. A longer step is a jump of the clock, in formats whose clock may jump, unless the sound
goes on meanwhile."""

_JUMP_ELSEWHERE = 1800
"""The same in seconds for all other formats."""

_TS_DISCONT = 0x0200
"""libav's flag for formats whose clock may jump, as in MPEG-TS."""

_MOST_PLACES = 3
"""Jumps that are told one by one."""


@dataclass(frozen=True)
class Decoded:
    """A picture that is to be shown at `timestamp` for `duration` nanoseconds.

    `duration` is 0 if the file does not state it.
    """

    picture: av.VideoFrame
    timestamp: int
    duration: int


class DecodedFile:
    """The frames of a file, one after the other, with repaired timestamps.

    >>> file = DecodedFile(media, limits)
    >>> first = file.next()

    `start` is the timestamp of the first frame in nanoseconds. `time_base` is the unit of the
    file's own timestamps, all of which are multiples of it. `frames` (their number) and `duration`
    (seconds) are estimates, or None if the file states nothing. `alpha` is that of a single picture
    with transparency, and `resolution` how large it is to be printed. `stream` is the number of the
    stream to read, instead of that with the footage. `rotation` is added to the turn that the file
    asks for. `rate` is the frame rate of a raw stream. `limits` are those of a file. What the
    container hides at the edges of the pictures is cut off, unless they are to be `whole`.

    Raises:
        InputError: the file cannot be read, or holds no footage.
    """

    threads = 0
    """Threads that decode; 0 lets libav choose, by the number of processors."""

    def __init__(
        self,
        media: OpenFile,
        limits: FileLimits,
        *,
        loop: bool = False,
        rotation: int = 0,
        stream: int | None = None,
        rate: Fraction | None = None,
        whole: bool = False,
    ) -> None:
        self._media = media
        self._loop = loop
        self._index = stream
        self._whole = whole
        self._limits = limits
        self._failure: InputError | None = None
        self._container = open_media(media, limits)
        try:
            self._open(rotation, rate)
        except BaseException:
            self._container.close()
            raise

    def _open(self, rotation: int, rate: Fraction | None) -> None:
        self._frames = self._decode()
        self._stream_rate, self._rate_note = raw_rate(
            self._container, self._stream, rate, self._media.name
        )
        first = next(self._frames, None)
        if first is None:
            raise explain_empty(self._container, self._media)
        self._pending: av.VideoFrame | None = first
        stream = self._stream
        self.format = describe_format(first, stream, rotation + clockwise_turn(first, self._media))
        if self._stream_rate is not None:
            self.format = replace(self.format, frame_rate=self._stream_rate)
        self.time_base: Fraction = stream.time_base or Fraction(1, av.time_base)
        self.is_picture = is_picture(self._container, self._media) or bool(
            stream.disposition & Disposition.still_image
        )
        self.alpha = alpha_of(first) if self.is_picture else None
        self.resolution = resolution_of(self._media) if self.is_picture else None
        self._converter = Converter(
            background(stream.codec_context.name, is_picture=self.is_picture)
        )
        self._timestamps = self._make_timestamps()
        self.start = nanoseconds(self._stamp(first) or 0, self.time_base)
        self.duration = self._estimate_duration()
        self.frames = self._estimate_frames()

    @property
    def videos(self) -> int:
        """How many streams of footage the file holds."""
        return 1 if self.is_picture else len(footage_streams(self._container))

    def _make_timestamps(self) -> Timestamps:
        interval = 1 / self.format.frame_rate
        may_jump = bool(self._container.format.flags & _TS_DISCONT)
        pause = Fraction(_JUMP) if may_jump else max(Fraction(_JUMP_ELSEWHERE), 100 * interval)
        return Timestamps(
            round(interval / self.time_base),
            self.time_base,
            int(pause / self.time_base),
            self._sound_goes_on,
        )

    def _sound_goes_on(self, before: int, after: int) -> bool:
        return self._pass.hears(float(before * self.time_base), float(after * self.time_base))

    @property
    def parts(self) -> list[Part]:
        """The stretches of the file with one clock each, so far, in units of `time_base`."""
        return self._timestamps.parts

    def left_out(self, *, keep_audio: bool) -> str:
        """What a copy of the footage, or of footage and sound, leaves out; empty if nothing."""
        sound = default_track(self._container.streams.audio) if keep_audio else None
        return "" if self.is_picture else describe_left_out(self._container, [self._stream, sound])

    @property
    def warnings(self) -> list[str]:
        """What was assumed about the time of the frames that were read so far."""
        times, name = self._timestamps, self._media.name
        jumps = [part for part in times.parts if part.jump]
        told = [note for note in (self._rate_note, self._pass.note) if note]
        if (self.format.width % 2 or self.format.height % 2) and not self.is_picture:
            told.append(
                f"{name} is {self.format.width}x{self.format.height}: an odd side of the copy is"
                " longer by one, and its last row or column repeated, to play everywhere"
            )
        for part in jumps[:_MOST_PLACES]:
            way = "jumps ahead" if part.jump > 0 else "goes back"
            told.append(
                f"the clock of {name} {way} by {abs(float(part.jump * self.time_base)):.2f} s at"
                f" {self._place(part.begin):.2f} s: the frames after it follow at their own pace"
            )
        if len(jumps) > _MOST_PLACES:
            told.append(f"the clock of {name} jumps {len(jumps) - _MOST_PLACES} more times")
        others = times.repaired - len(jumps)
        if others and times.first_repaired is not None:
            told.append(
                f"{others} timestamps of {name} stand still or are wrong, from"
                f" {self._place(times.first_repaired):.2f} s on: the usual interval is used"
            )
        return told

    def _place(self, ticks: int) -> float:
        """Seconds from the first frame on."""
        return float(ticks * self.time_base) - self.start / NANOSECONDS

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
        self._stream = find_footage(self._container, self._media, self._limits, self._index)
        # Several threads would each hold a picture, and there is only one.
        is_single = is_picture(self._container, self._media)
        self._stream.thread_type = "SLICE" if is_single else "AUTO"
        self._stream.codec_context.thread_count = self.threads
        return self._pictures()

    def _pictures(self) -> Generator[av.VideoFrame]:
        self._pass = DecodingPass(self._container, self._stream, self._media)
        frames = self._pass.frames()
        margins = hidden_margins(self._container, self._stream, self._media)
        if margins is not None and not self._whole:
            frames = crop_frames(frames, margins)
        return mirror_frames(frames, self._media)

    def next(self) -> Decoded | None:
        """Decode the next frame; None at the end.

        Raises:
            InputError: the file is broken here; all frames before are good.
        """
        frame = self._next_frame()
        if frame is None:
            return None
        following = None if self._pending is None else self._stamp(self._pending)
        ticks = self._timestamps.next(self._stamp(frame), following)
        says = self._container.format.name in STATE_DURATIONS
        shown_for = nanoseconds(frame.duration, self.time_base) if says else 0
        return Decoded(frame, nanoseconds(ticks, self.time_base), shown_for)

    def copy(self, picture: av.VideoFrame, target: Picture) -> None:
        """Copy a decoded picture into a frame.

        Raises:
            InputError: it cannot be converted.
        """
        self._converter.copy(picture, target)

    def _stamp(self, frame: av.VideoFrame) -> int | None:
        return None if self._stream_rate is not None else frame.pts

    def _next_frame(self) -> av.VideoFrame | None:
        if self._failure is not None:
            raise self._failure
        frame, self._pending = self._pending, None
        if frame is None and self._loop:
            self._begin_again()
            frame = next(self._frames, None)
        if frame is not None:
            self._refuse_another_size(frame)
            try:
                self._pending = next(self._frames, None)
            except InputError as error:
                # The frame before the damage is whole.
                self._failure = error
        return frame

    def _refuse_another_size(self, frame: av.VideoFrame) -> None:
        if (frame.width, frame.height) == (self.format.width, self.format.height):
            return
        raise InputError(
            f"{self._media} changes the size of its pictures from"
            f" {self.format.width}x{self.format.height} to {frame.width}x{frame.height} at"
            f" {self._place(self._timestamps.upcoming):.2f} s: what follows is not read",
            "cut it there, or convert it to one size",
        )

    def _begin_again(self) -> None:
        # Not every format can seek, but every file can be opened again.
        self._container.close()
        self._container = open_media(self._media, self._limits)
        self._frames = self._decode()
        # A container and its streams refer to each other. Without this, the old decoder would keep
        # its threads and buffers for long.
        gc.collect()
        self._timestamps.restart()

    def close(self) -> None:
        """Close the file; idempotent."""
        self._frames.close()
        self._container.close()
