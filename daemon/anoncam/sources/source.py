"""Where frames come from: one file per backend, all behind `Source`."""

from types import TracebackType
from typing import Protocol, Self

from anoncam.frames.frame import Frame, FrameFormat, FrameTime


class Capture(Protocol):
    """One captured picture, still in the buffer of the camera or the decoder, which is never
    written.
    """

    time: FrameTime

    def copy_into(self, frame: Frame) -> None:
        """Copy planes, lores picture and times into `frame`: its one copy."""
        ...

    def close(self) -> None:
        """Give the buffer back; idempotent."""
        ...


class Source(Protocol):
    """A camera, a stream or a file, opened.

    `live` sources do not wait: what is not taken in time is lost, and counted in `lost` where the
    source can know. `description` names the source without secrets.
    """

    description: str
    format: FrameFormat
    live: bool

    @property
    def silence(self) -> float:
        """Seconds that may pass now without a capture; 0 for a source that cannot get lost."""
        ...

    @property
    def lost(self) -> int:
        """Captures so far that came and were not taken in time."""
        ...

    def read(self) -> Capture | None:
        """Wait for the next capture; None at the end of a source that has one, or once the stop is
        requested.

        Raises:
            CameraError: a live source has gone, hangs, or delivers another format than it was
            opened with.
            InputError: a file is broken here; what was read before it stands.
        """
        ...

    def close(self) -> None:
        """Let go of the device or file; idempotent, and makes a `read` that waits in another thread
        return.
        """
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
