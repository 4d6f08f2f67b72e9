"""Writes one whole video with the timing and the rotation of its input."""

from collections import deque
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path
from statistics import median
from types import TracebackType
from typing import Self

import av
from av.audio.stream import AudioStream
from av.codec.context import ThreadType
from av.video.stream import VideoStream

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.errors import StorageError
from anoncam.events.event import LOGGER
from anoncam.frames.frame import FrameFormat
from anoncam.recording.audio_stream import add_audio_stream, audio_packet
from anoncam.recording.h264_stream import (
    FILE_OPTIONS,
    LIBX264,
    add_video_stream,
    interval,
    picture,
    ticks,
)
from anoncam.recording.whole_file import WholeFile, storage_errors
from anoncam.sources.process.audio_messages import AudioFormat, AudioPacket
from anoncam.stores.place import Place

_FORMATS = {".mp4": "mp4", ".m4v": "mp4", ".mov": "mov", ".mkv": "matroska"}

PART_FORMAT = "nut"
"""The container of parts: it keeps any time base, and needs no second pass."""

_STEPS = 15
"""How many of the last steps from frame to frame say how long the last frame lasts."""


def is_video_name(path: Place) -> bool:
    """Whether a `VideoWriter` can write a file of this name."""
    return path.suffix.lower() in _FORMATS


def check_name(path: Place) -> None:
    """Check that a `VideoWriter` can write a file of this name.

    Raises:
        StorageError: its ending is unknown.
    """
    if not is_video_name(path):
        raise StorageError(
            f"{path} is not a kind of video that can be written", f"end it in {_endings()}"
        )


class VideoWriter:
    """Writes one video, which appears as `path` by `commit`; without it, nothing is left.

    A frame is shown at its presentation time minus `start` (both in nanoseconds), in units of
    `time_base`. With the time base of the input, its timing is kept to the tick; Matroska rounds to
    milliseconds. The last frame is shown for as long as those before it, or for the nanoseconds
    that `last_duration` gives at the end, if that is longer. An audio track may be added before the
    first frame. No metadata, no chapters and no other streams are written.

    What `is_part` is to be joined with others by `copy`, and may have any name. Parts are encoded
    side by side, each by one thread: they are the same on any number of cores.

    >>> with VideoWriter(Path("out.mp4"), frame_format, Fraction(1, 90000)) as video:
    ...     video.write(frame)
    ...     video.commit()

    Raises:
        StorageError: the name is taken (and `force` is false), its ending is unknown, or the disk
            fails.
    """

    def __init__(
        self,
        path: Path,
        frame_format: FrameFormat,
        time_base: Fraction,
        *,
        start: int = 0,
        force: bool = False,
        last_duration: Callable[[], int] = lambda: 0,
        is_part: bool = False,
    ) -> None:
        if not is_part:
            check_name(path)
        self._output = WholeFile(path, force=force)
        self._time_base = time_base
        self._start = start
        self._last_duration = last_duration
        self._duration = ticks(interval(frame_format), time_base)
        self._steps: deque[int] = deque(maxlen=_STEPS)
        self._last: int | None = None
        self._audio: AudioStream | None = None
        self._audio_unit = Fraction(1)
        self._frames = 0
        self._closed = False
        container_format = PART_FORMAT if is_part else _FORMATS[path.suffix.lower()]
        # Matroska has no such flag; it refers to its index from the start anyway.
        flags = {"movflags": "+faststart"} if container_format in {"mp4", "mov"} else {}
        options = {"fflags": "+bitexact", **flags}
        with storage_errors(path):
            self._output.create()
            self._container = av.open(
                str(self._output.temporary), "w", format=container_format, container_options=options
            )
            self._video: VideoStream = add_video_stream(
                self._container, LIBX264, frame_format, time_base, FILE_OPTIONS
            )
            # PyAV would encode slices of a frame in parallel; frames in parallel are faster.
            self._video.codec_context.thread_type = ThreadType.FRAME
            if is_part:
                self._video.codec_context.thread_count = 1

    def add_audio(self, sound: AudioFormat) -> None:
        """Prepare to take in a sound by `mux_audio`; before the first frame.

        Raises:
            StorageError: this kind of file cannot hold such audio, or the disk failed.
        """
        with storage_errors(self._output.path):
            self._video.codec_context.open(strict=False)
            try:
                self._audio = add_audio_stream(self._container, sound)
                # Only the header shows what this kind of file cannot hold.
                self._container.start_encoding()
            except (OSError, MemoryError):
                raise
            except (ValueError, av.FFmpegError) as error:
                reason = getattr(error, "strerror", None) or error
                raise StorageError(
                    f"{self._output.path} cannot hold this audio: {reason}",
                    "write a file of another kind, such as .mkv or .mov, or leave --keep-audio out",
                ) from error
        self._audio_unit = sound.time_base

    def write(self, frame: AnonymizedFrame) -> None:
        """Encode one frame.

        Raises:
            StorageError: the disk or the encoder failed.
        """
        video = picture(frame)
        video.time_base = self._time_base
        video.pts = ticks(frame.presentation - self._start, self._time_base)
        self._follow(video.pts)
        with storage_errors(self._output.path):
            self._mux(self._video.encode(video))
        self._frames += 1

    def copy(self, packet: "av.Packet[VideoStream]", stated: int = 0) -> None:
        """Take in one packet that was encoded as by `write`, in units of `time_base`.

        It is shown for `stated` nanoseconds at least, if it is the last one.

        Raises:
            StorageError: the disk failed.
        """
        self._follow(packet.pts or 0)
        packet.stream = self._video
        with storage_errors(self._output.path):
            self._mux([packet], stated)
        self._frames += 1

    def _follow(self, ticks_now: int) -> None:
        if self._last is not None:
            self._steps.append(ticks_now - self._last)
        self._last = ticks_now

    def _mux(self, packets: "list[av.Packet[VideoStream]]", last: int = 0) -> None:
        # Players show the last frame for as long as it says. The encoder says what is nominal.
        usual = median(self._steps) if self._steps else self._duration
        for packet in packets:
            packet.duration = round(usual * self._time_base / packet.time_base)
        if packets:
            stated = ticks(last, packets[-1].time_base)
            packets[-1].duration = max(packets[-1].duration or 0, stated)
        self._container.mux(packets)

    def mux_audio(self, packet: AudioPacket) -> None:
        """Copy one packet of audio with its own timestamps.

        Raises:
            StorageError: the disk failed.
        """
        if self._audio is None:
            raise ValueError("no audio was added")
        with storage_errors(self._output.path):
            self._container.mux(audio_packet(packet, self._audio, self._audio_unit))

    def finish(self) -> None:
        """Complete the video under its hidden name; idempotent.

        Raises:
            StorageError: the disk or the encoder failed.
        """
        if self._closed:
            return
        self._closed = True
        with storage_errors(self._output.path):
            try:
                if self._frames:
                    self._mux(self._video.encode(None), self._last_duration())
            finally:
                self._container.close()

    def commit(self) -> None:
        """Complete the video and give it its name.

        Raises:
            StorageError: the disk or the encoder failed, no frame was written, or another file has
                taken the name.
        """
        self.finish()
        if not self._frames:
            raise StorageError(f"{self._output.path} would hold no frame", "check the input")
        self._output.commit()

    def abort(self) -> None:
        """Delete what was written, unless it was committed; idempotent."""
        try:
            if not self._closed:
                self._closed = True
                self._container.close()
        except (OSError, av.FFmpegError) as error:
            LOGGER.debug("the unfinished %s: %s", self._output.path, error)
        finally:
            self._output.abort()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.abort()


def _endings() -> str:
    return ", ".join(_FORMATS)
