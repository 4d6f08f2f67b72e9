"""Writes the footage of one chunk, to be joined with the others without encoding it again."""

from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.frames.frame import FrameFormat
from anoncam.recording.video_writer import VideoWriter


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
        self._begin = begin
        self._footage = VideoWriter(
            path, frame_format, time_base, start=start, force=True, is_part=True
        )

    def write(self, frame: AnonymizedFrame) -> None:
        """Encode one frame, unless it belongs to the lead-in.

        Raises:
            StorageError: the disk or the encoder failed.
        """
        if frame.timestamp < self._begin:
            return
        self._footage.write(frame)
        self.frames += 1
        self.faces += frame.faces
        self.veiled += bool(frame.veil)

    def finish(self) -> None:
        """Complete the part under its hidden name; idempotent.

        Raises:
            StorageError: the disk or the encoder failed.
        """
        self._footage.finish()

    def commit(self) -> None:
        """Complete the part and give it its name.

        Raises:
            StorageError: the disk or the encoder failed.
        """
        self._footage.commit()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._footage.abort()
