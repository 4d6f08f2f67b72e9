"""Reads cameras at a V4L2 device node, with libav."""

from collections.abc import Callable, Iterator
from fractions import Fraction

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.errors import CameraError, StoppedError
from anoncam.sources.base_source import BaseSource
from anoncam.sources.libav.decoded_capture import Converter, DecodedCapture
from anoncam.sources.libav.frame_format import describe_format
from anoncam.sources.timestamps import Timestamps, nanoseconds
from anoncam.sources.v4l2_nodes import Node

FIRST_FRAME = 2.5
"""Seconds within which an opened camera must deliver; libav cannot be stopped meanwhile."""

SILENCE = 3.0
"""Seconds without a frame after which the camera counts as lost."""

_POLL = 0.004
_NONBLOCKING = "+4"
"""AVFMT_FLAG_NONBLOCK, for which there is no name.

Without it, a read of a silent camera never returns.
"""

_MICROSECOND = 1000

OpenDevice = Callable[[str, dict[str, str]], InputContainer]


def _open(address: str, options: dict[str, str]) -> InputContainer:
    return av.open(address, format="v4l2", container_options=options, timeout=(FIRST_FRAME, None))


class V4l2Source(BaseSource):
    """A camera whose first picture has arrived; the driver may choose another size than the wanted.

    Timestamps are the kernel's. A raw picture is in the driver's own memory until its capture is
    closed.

    Raises:
        CameraError: the device cannot be opened, or delivers nothing.
    """

    live = True

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
        rotation: int = 0,
        opener: OpenDevice = _open,
    ) -> None:
        super().__init__(stop, clock)
        self.description = str(node)
        self._converter = Converter()
        self._packets: Iterator[av.Packet[VideoStream]] = iter(())
        self._pending: av.VideoFrame | None = None
        options = {
            "video_size": f"{width}x{height}",
            "framerate": str(frame_rate),
            "input_format": pixel_format,
            "fflags": _NONBLOCKING,
        }
        try:
            self._container = opener(str(node.path), options)
        except av.ExitError as error:
            raise CameraError(f"{self.description} delivers no picture") from error
        except av.FFmpegError as error:
            raise CameraError(f"{self.description} cannot be opened: {_reason(error)}") from error
        try:
            self._begin(rotation)
        except BaseException:
            self.close()
            raise

    def _begin(self, rotation: int) -> None:
        self._stream: VideoStream = self._container.streams.video[0]
        self._stream.codec_context.flags |= av.codec.context.Flags.low_delay
        self._pending = self._wait(FIRST_FRAME)
        if self._pending is None:
            raise StoppedError(f"stopped while opening {self.description}")
        self.format = describe_format(self._pending, self._stream, rotation)
        self._timestamps = Timestamps(round(NANOSECONDS / self.format.frame_rate), _MICROSECOND)

    def _read(self) -> DecodedCapture | None:
        frame, self._pending = self._pending, None
        frame = frame or self._wait(SILENCE)
        if frame is None:
            return None
        time_base = self._stream.time_base
        stamp = (
            None if frame.pts is None or time_base is None else nanoseconds(frame.pts, time_base)
        )
        timestamp = self._timestamps.next(stamp)
        return DecodedCapture(frame, timestamp, self._converter, self._handle)

    def _wait(self, seconds: float) -> av.VideoFrame | None:
        deadline = self._clock.monotonic() + round(seconds * NANOSECONDS)
        while not self._ended:
            frame = self._step()
            if frame is not None:
                return frame
            if self._clock.monotonic() > deadline:
                raise CameraError(f"{self.description} has delivered no picture for {seconds:g} s")
        return None

    def _step(self) -> av.VideoFrame | None:
        # This is a method of its own so that no traceback keeps a packet alive. The memory of a
        # packet is freed with the container.
        packet = self._next_packet()
        if packet is None:
            self._stop.wait(_POLL)
            return None
        if not packet.size:
            # The driver marks a damaged picture so. The decoder would take it for the end.
            return None
        try:
            return next(iter(packet.decode()), None)
        except av.InvalidDataError:
            return None

    def _next_packet(self) -> "av.Packet[VideoStream] | None":
        try:
            packet = next(self._packets, None)
            if packet is None:
                # An iterator ends with the first EAGAIN, so a new one is made.
                self._packets = self._container.demux(self._stream)
                packet = next(self._packets)
        except BlockingIOError:
            self._packets = iter(())
            return None
        except (av.FFmpegError, StopIteration) as error:
            raise CameraError(f"{self.description} has gone: {_reason(error)}") from error
        return packet

    def _release(self) -> None:
        # Pictures in the driver's memory must be freed before the container.
        self._pending = None
        self._packets = iter(())
        self._container.close()


def _reason(error: Exception) -> str:
    busy = isinstance(error, av.FFmpegError) and error.errno == 16
    return (
        "another program uses it"
        if busy
        else (getattr(error, "strerror", "") or "it sends nothing more").lower()
    )
