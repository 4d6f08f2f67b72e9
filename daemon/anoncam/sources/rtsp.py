"""Network cameras, by RTSP over TCP."""

import threading
import time
from dataclasses import dataclass

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.errors import CameraError, StoppedError
from anoncam.events.redaction import redact
from anoncam.frames.frame import FrameFormat
from anoncam.sources.base_source import BaseSource
from anoncam.sources.dropping_queue import DroppingQueue
from anoncam.sources.libav.decoded_capture import Converter, DecodedCapture, describe_format
from anoncam.sources.silence import Silence
from anoncam.sources.stream_clock import StreamClock
from anoncam.sources.timestamps import nanoseconds

OPEN_TIMEOUT = 10.0
"""Seconds for connecting and for the first picture, each."""

_BACKLOG = 2.0
"""Seconds in which what libav has gathered while it looked at the stream is passed over; longer
only where decoding is slower than the camera."""

_AT_ONCE = 0.005
"""Seconds: a packet that was waited for longer has just come, and was not kept."""

_POLL = 0.1
_QUEUE = 4
"""Decoded pictures that may wait: a network delivers them in bursts."""


@dataclass(frozen=True)
class _Received:
    """A picture with its timestamp: nothing in it needs the connection to stay open."""

    frame: av.VideoFrame
    arrival: int
    stamp: int | None
    format: FrameFormat


class RtspSource(BaseSource):
    """A stream that a thread of its own decodes, since libav's waits cannot be ended from outside.

    What is not taken in time is decoded all the same, and lost. The thread lets go of the network
    on its own, after `close`, at the next picture or when libav's own timeout ends its wait.

    Raises:
        CameraError: no connection, no such stream, or no picture in time.
        StoppedError: the stop was requested meanwhile.
    """

    live = True

    def __init__(
        self,
        address: str,
        *,
        clock: Clock,
        stop: Stop,
        rotation: int = 0,
        open_timeout: float = OPEN_TIMEOUT,
        silence: float,
    ) -> None:
        super().__init__(stop, clock)
        self.description = redact(address)
        self._address = address
        self._open_timeout = open_timeout
        self._silence = Silence(silence)
        self._libav_timeout = 2 * silence
        self._converter = Converter()
        self._rotation = rotation
        self._frames: DroppingQueue[_Received] = DroppingQueue(_QUEUE)
        threading.Thread(target=self._run, name="rtsp", daemon=True).start()
        try:
            first = self._wait(2 * open_timeout)
        except BaseException:
            self.close()
            raise
        if first is None:
            self.close()
            raise StoppedError(f"stopped while connecting to {self.description}")
        self.format = first.format
        self._stream_clock = StreamClock(self.description)

    @property
    def silence(self) -> float:
        """Seconds that may pass now without a picture before the camera counts as lost."""
        return self._silence.seconds

    @property
    def lost(self) -> int:
        """Pictures so far that came and were not taken in time."""
        return self._frames.lost

    def _read(self) -> DecodedCapture | None:
        taken = self._wait(self._silence.seconds)
        if taken is None:
            return None
        self._silence.end(taken.arrival)
        size = taken.frame.width, taken.frame.height
        if size != (self.format.width, self.format.height):
            # Scaled to what it was, faces would be squeezed, and no detector has learned those.
            raise CameraError(
                f"{self.description} sends {size[0]}x{size[1]} pixels now", "it is opened anew"
            )
        time = self._stream_clock.next(taken.arrival, taken.stamp)
        return DecodedCapture(taken.frame, time, self._converter, self._handle)

    def _wait(self, seconds: float) -> _Received | None:
        deadline = self._clock.monotonic() + round(seconds * NANOSECONDS)
        while not self._ended:
            taken = self._frames.take(_POLL)
            if taken is not None:
                return taken
            if self._clock.monotonic() > deadline:
                raise CameraError(
                    f"{self.description} has sent no picture for {seconds:g} s", "check the camera"
                )
        return None

    def _run(self) -> None:
        try:
            reason = self._receive()
        except Exception as error:
            # Not `error` itself: it quotes the whole address.
            reason = _reason(error)
        self._frames.fail(
            CameraError(
                f"{self.description}: {reason}", "check the address, the camera and the network"
            )
        )

    def _receive(self) -> str:
        with self._connect() as container:
            if not container.streams.video:
                return "the stream holds no video"
            stream = container.streams.video[0]
            stream.codec_context.flags |= av.codec.context.Flags.low_delay
            frame_format = None
            opened = asked = time.monotonic()
            is_live = False
            for packet in container.demux(stream):
                came = time.monotonic()
                # Pictures of the last seconds all at once would be too many for the pool, and too
                # close together for the detector: dropped and veiled at every start.
                is_live = is_live or came - asked > _AT_ONCE or came - opened > _BACKLOG
                if self._ended:
                    break
                arrival = self._clock.monotonic()
                for frame in _decode(packet):
                    frame_format = frame_format or describe_format(frame, stream, self._rotation)
                    if is_live:
                        stamp = _stamp(frame, stream)
                        self._frames.put(_Received(frame, arrival, stamp, frame_format))
                asked = time.monotonic()
        return "the stream has ended"

    def _connect(self) -> InputContainer:
        # Later than this source gives up: libav lets go of a last picture then, as if the camera
        # were there.
        silence = self._libav_timeout
        return av.open(
            self._address,
            format="rtsp",
            container_options={
                "rtsp_transport": "tcp",
                "allowed_media_types": "video",
                "timeout": str(round(silence * 1_000_000)),
            },
            metadata_errors="replace",
            timeout=(self._open_timeout, silence),
        )

    def _release(self) -> None:
        """Nothing: the thread sees that the source is closing."""


def _stamp(frame: av.VideoFrame, stream: VideoStream) -> int | None:
    if frame.pts is None or stream.time_base is None:
        return None
    return nanoseconds(frame.pts, stream.time_base)


def _decode(packet: "av.Packet[VideoStream]") -> list[av.VideoFrame]:
    try:
        return packet.decode()
    except av.InvalidDataError:
        # A packet that was damaged on its way; a camera that sends nothing else is found silent.
        return []


def _reason(error: Exception) -> str:
    reasons: tuple[tuple[type[Exception], str], ...] = (
        (av.HTTPUnauthorizedError, "the camera refuses the user or the password"),
        (av.HTTPNotFoundError, "the camera has no such stream"),
        (av.ExitError, "the camera does not answer"),
        (av.TimeoutError, "the camera does not answer"),
        (av.InvalidDataError, "the camera does not answer as one with RTSP does"),
    )
    known = next((reason for kind, reason in reasons if isinstance(error, kind)), None)
    return known or (getattr(error, "strerror", None) or type(error).__name__).lower()
