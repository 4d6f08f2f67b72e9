"""Reads cameras at a V4L2 device node."""

import errno
import os
import stat
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

from anoncam.clock import Clock, Stop
from anoncam.errors import CameraError
from anoncam.sources.stream_source import StreamSource
from anoncam.sources.v4l2_nodes import Node

FIRST_FRAME = 5.0
"""Seconds within which libav must have opened a camera, and the camera must deliver."""

OpenDevice = Callable[[Path], int]


def open_device(path: Path) -> int:
    """Open a device node for both reading and writing; reads wait.

    Raises:
        OSError: it cannot be opened, or is none.
    """
    descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    if not stat.S_ISCHR(os.fstat(descriptor).st_mode):
        os.close(descriptor)
        raise OSError(errno.ENOTTY, "it is no device")
    # The open must not wait, but libav shall: who waits for ever is ended with its process.
    os.set_blocking(descriptor, True)
    return descriptor


class V4l2Source(StreamSource):
    """A camera whose first picture has arrived; the driver may choose another size than the wanted.

    Timestamps are the kernel's. A raw picture is in the driver's own memory until its capture is
    closed.

    Raises:
        CameraError: the device cannot be opened, or delivers nothing.
        StoppedError: the stop was requested meanwhile.
    """

    def __init__(
        self,
        node: Node,
        pixel_format: str,
        width: int,
        height: int,
        frame_rate: Fraction,
        *,
        clock: Clock,
        stop: Stop,
        silence: float,
        rotation: int = 0,
        opener: OpenDevice = open_device,
    ) -> None:
        super().__init__(str(node), clock=clock, stop=stop, silence=silence)
        self._rotation = rotation
        self._options = {
            "video_size": f"{width}x{height}",
            "framerate": str(frame_rate),
            "input_format": pixel_format,
        }
        try:
            device = opener(node.path)
        except OSError as error:
            raise CameraError(
                f"{self.description} cannot be opened: {_reason(error.errno, error.strerror)}"
            ) from error
        try:
            self._news = self._start(device=device)
        finally:
            os.close(device)
        self._wait_for_first(FIRST_FRAME)

    def _hear_to_the_end(self) -> CameraError:
        try:
            last = self._follow(self._news, device=self._options, rotation=self._rotation)
        except CameraError as known:
            return known
        what = "has gone" if self._is_open else "cannot be opened"
        return CameraError(f"{self.description} {what}: {_reason(last.number)}")


def _reason(number: int | None, text: str | None = None) -> str:
    if number == errno.EBUSY:
        return "another program uses it"
    if not number:
        return "what it sends cannot be decoded"
    return (text or os.strerror(number)).lower()
