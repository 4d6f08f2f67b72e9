"""The seam of all sources: a camera, a stream or a file gives captures."""

from types import TracebackType
from typing import Protocol, Self

from anoncam.frames.frame import Frame, FrameFormat, FrameTime


class Capture(Protocol):
    """One picture in a buffer of the camera or the decoder; that buffer is never written to."""

    time: FrameTime

    def copy_into(self, frame: Frame) -> None:
        """Copy planes, lores picture and times into `frame`: the only copy of a picture."""
        ...

    def close(self) -> None:
        """Give the buffer back; idempotent."""
        ...


class Source(Protocol):
    """A camera, a stream or a file that is open.

    A `live` source does not wait. A picture that is not read in time is lost, and is counted in
    `lost` if the source can know of it. `description` names the source, without passwords.
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
        """How many pictures were not read in time so far."""
        ...

    @property
    def damaged(self) -> int:
        """How many pictures came damaged so far."""
        ...

    def read(self) -> Capture | None:
        """Wait for the next capture; None at the end of a file, or once a stop was requested.

        Raises:
            CameraError: a live source has gone, hangs, or now delivers another format.
            InputError: a file is broken here; all captures before are good.
        """
        ...

    def close(self) -> None:
        """Close the device or file; idempotent. A `read` that waits in another thread returns."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...
