"""Writes the footage of one chunk, to be joined with the others without encoding it again."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.frames.frame import FrameFormat
from anoncam.recording.h264_stream import FILE_OPTIONS, LIBX264, add_video_stream, picture, ticks
from anoncam.recording.whole_file import WholeFile, storage_errors

PART_FORMAT = "nut"
"""The container of parts: it keeps any time base, and needs no second pass."""


class PartWriter:
    """A recorder of the frames from `begin` (nanoseconds) on; those before are its lead-in.

    Times are those of the whole file minus `start` (nanoseconds), in units of `time_base`. A part
    begins with a key frame, and refers to no other part.

    >>> with PartWriter(path, frame_format, Fraction(1, 90000), start=0, begin=0) as part:
    ...     part.write(frame)
    ...     part.commit()

    Raises:
        StorageError: the disk fails.
    """

    def __init__(
        self, path: Path, frame_format: FrameFormat, time_base: Fraction, *, start: int, begin: int
    ) -> None:
        self.frames = self.faces = self.veiled = 0
        self._time_base = time_base
        self._start, self._begin = start, begin
        self._closed = False
        self._output = WholeFile(path, force=True)
        with storage_errors(path):
            self._container = av.open(
                str(self._output.temporary),
                "w",
                format=PART_FORMAT,
                container_options={"fflags": "+bitexact"},
            )
            self._video = add_video_stream(
                self._container, LIBX264, frame_format, time_base, FILE_OPTIONS
            )
            # Chunks are encoded side by side, and the same on any number of cores.
            self._video.codec_context.thread_count = 1

    def write(self, frame: AnonymizedFrame) -> None:
        """Encode one frame, unless it belongs to the lead-in.

        Raises:
            StorageError: the disk or the encoder failed.
        """
        if frame.timestamp < self._begin:
            return
        video = picture(frame)
        video.time_base = self._time_base
        video.pts = ticks(frame.presentation - self._start, self._time_base)
        with storage_errors(self._output.path):
            self._container.mux(self._video.encode(video))
        self.frames += 1
        self.faces += frame.faces
        self.veiled += bool(frame.veil)

    def finish(self) -> None:
        """Complete the part under its hidden name; idempotent.

        Raises:
            StorageError: the disk or the encoder failed.
        """
        if self._closed:
            return
        self._closed = True
        with storage_errors(self._output.path):
            try:
                self._container.mux(self._video.encode(None))
            finally:
                self._container.close()

    def commit(self) -> None:
        """Complete the part and give it its name.

        Raises:
            StorageError: the disk or the encoder failed.
        """
        self.finish()
        self._output.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        if not self._closed:
            self._closed = True
            self._container.close()
        self._output.abort()
