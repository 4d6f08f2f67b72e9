"""Reads network cameras by RTSP over TCP."""

import threading
import time
from dataclasses import dataclass, replace
from fractions import Fraction

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.errors import CameraError, StoppedError
from anoncam.events.redaction import redact
from anoncam.frames.frame import FrameFormat
from anoncam.sources.base_source import BaseSource
from anoncam.sources.damage import Damage
from anoncam.sources.dropping_queue import DroppingQueue
from anoncam.sources.libav.decoded_capture import Converter, DecodedCapture
from anoncam.sources.libav.frame_format import describe_format
from anoncam.sources.rtsp_causes import CERTAIN, Cause
from anoncam.sources.rtsp_dialogue import RtspError, find_stream, try_stream
from anoncam.sources.silence import Silence
from anoncam.sources.stream_clock import StreamClock
from anoncam.sources.timestamps import nanoseconds

OPEN_TIMEOUT = 10.0
"""Seconds that connecting may take, and again the first picture."""

_BACKLOG = 2.0
"""Seconds after which all pictures are kept.

Until then, pictures are skipped that the camera has gathered and sends all at once.
"""

_AT_ONCE = 0.005
"""Seconds: a packet for which the wait was longer is new; the camera has not gathered it."""

_MARGIN = 5.0
"""Seconds that libav waits longer than the source itself."""

_RATES = (5, 120)
"""Frames per second that are believed. Cameras also declare 1 or 90000."""

_USUAL_RATE = Fraction(25)

_POLL = 0.1
_QUEUE = 10
"""Decoded pictures that may wait, as a network delivers them in bursts."""

_PROTOCOLS = "rtp,udp,tcp,tls"
"""What libav may open for a camera; a reply could name an address of another kind."""


@dataclass(frozen=True)
class _Received:
    """A picture with its timestamp; it stays valid after the connection is closed."""

    frame: av.VideoFrame
    arrival: int
    stamp: int | None
    format: FrameFormat


class RtspSource(BaseSource):
    """A stream that a thread of its own decodes, as nobody can end a wait of libav from outside.

    A picture that is not read in time is decoded all the same, and lost. After `close` the thread
    closes the connection with the next picture, or when libav's own timeout ends its wait.

    Raises:
        CameraRefusalError: the camera refuses name or password.
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
        self._silence = Silence(silence)
        self._open_timeout = open_timeout + silence
        self._libav_timeout = silence + _MARGIN
        self._asking = open_timeout / 2
        self._suspected: RtspError | None = None
        self._damage = Damage(self.description, clock)
        self._converter = Converter()
        self._rotation = rotation
        self._frames: DroppingQueue[_Received] = DroppingQueue(_QUEUE)
        threading.Thread(target=self._run, name="rtsp", daemon=True).start()
        try:
            first = self._wait(open_timeout + silence)
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
        """How many pictures were not read in time so far."""
        return self._frames.lost

    @property
    def damaged(self) -> int:
        """How many pictures came damaged so far."""
        return self._damage.pictures

    def _read(self) -> DecodedCapture | None:
        taken = self._wait(self._silence.seconds)
        if taken is None:
            return None
        self._silence.end(taken.arrival)
        size = taken.frame.width, taken.frame.height
        if size != (self.format.width, self.format.height):
            # Scaled to the old size, faces would be distorted, and the detector might miss them.
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
                if self._suspected is not None:
                    raise self._error(self._suspected)
                raise CameraError(
                    f"{self.description} has sent no picture for {seconds:g} s", "check the camera"
                )
        return None

    def _run(self) -> None:
        try:
            self._receive()
            failure = RtspError(Cause.ENDED)
        except RtspError as known:
            failure = known
        except (av.TimeoutError, av.ExitError):
            failure = RtspError(Cause.SILENT)
        except Exception:  # its text is not used, because it quotes the whole address
            failure = RtspError(Cause.BROKEN_OFF)
        self._damage.end()
        self._frames.fail(self._error(failure))

    def _error(self, failure: RtspError) -> CameraError:
        return failure.cause.error(self.description, failure.code)

    def _receive(self) -> None:
        address = self._ask()
        if self._ended:
            return
        with self._connect(address) as container:
            self._suspected = None
            if not container.streams.video:
                raise RtspError(Cause.NO_VIDEO)
            stream = container.streams.video[0]
            stream.codec_context.flags |= av.codec.context.Flags.low_delay
            frame_format = None
            opened = waiting_since = time.monotonic()
            is_live = False
            for packet in container.demux(stream):
                came = time.monotonic()
                # The gathered pictures would come all at once at every start. They are too many for
                # the pool, and too close together for the detector.
                is_live = is_live or came - waiting_since > _AT_ONCE or came - opened > _BACKLOG
                if self._ended:
                    break
                arrival = self._clock.monotonic()
                for frame in self._decode(packet):
                    is_first = frame_format is None
                    frame_format = frame_format or _describe(frame, stream, self._rotation)
                    if is_live or is_first:
                        stamp = _stamp(frame, stream)
                        self._frames.put(_Received(frame, arrival, stamp, frame_format))
                waiting_since = time.monotonic()

    def _ask(self) -> str:
        """Ask the camera itself; the address that libav shall open."""
        try:
            return find_stream(self._address, self._asking)
        except RtspError as failure:
            if failure.cause in CERTAIN:
                raise
            self._suspected = failure
        except Exception:  # libav may get along with a reply that we do not understand
            self._suspected = None
        return self._address

    def _connect(self, address: str) -> InputContainer:
        try:
            return self._open(address)
        except Exception as error:
            failure = self._explain(error, address)
        # Raised here, it has no context, which would quote the whole address.
        raise failure

    def _explain(self, error: Exception, address: str) -> RtspError:
        """Why libav could not open the stream."""
        refused = isinstance(error, av.HTTPUnauthorizedError | av.HTTPForbiddenError)
        if self._suspected is not None and not (
            refused and self._suspected.cause is not Cause.LOGIN
        ):
            return self._suspected
        if refused:
            return RtspError(Cause.REFUSED)
        if self._ended:
            return RtspError(Cause.ENDED)
        try:
            try_stream(address, self._asking)
        except RtspError as failure:
            return failure
        except Exception:  # a reply that we do not understand, and libav neither
            return RtspError(Cause.UNREADABLE)
        silent = isinstance(error, av.TimeoutError | av.ExitError)
        return RtspError(Cause.SILENT if silent else Cause.UNREADABLE)

    def _open(self, address: str) -> InputContainer:
        # This is longer than the source itself waits. At the end of its timeout, libav gives out a
        # last picture, as if the camera were still there.
        silence = self._libav_timeout
        return av.open(
            address,
            format="rtsp",
            container_options={
                "protocol_whitelist": _PROTOCOLS,
                "format_whitelist": "rtsp",
                "rtsp_transport": "tcp",
                "allowed_media_types": "video",
                "timeout": str(round(silence * 1_000_000)),
                # libav would wait for twenty frames to learn their rate and order, which take three
                # minutes of a slow camera. anoncam goes by what it sees: one packet is enough.
                "fpsprobesize": "0",
                "probesize": "32",
            },
            metadata_errors="replace",
            timeout=(self._open_timeout, silence),
        )

    def _decode(self, packet: "av.Packet[VideoStream]") -> list[av.VideoFrame]:
        try:
            frames = packet.decode()
        except av.InvalidDataError:
            # A camera that sends no good pictures counts as silent.
            self._damage.count(1)
            return []
        # A damaged picture is one like any other: what it shows is inferred.
        damaged = sum(frame.is_corrupt for frame in frames)
        self._damage.count(max(damaged, int(packet.is_corrupt)))
        return frames

    def _release(self) -> None:
        """Do nothing: the thread notices that the source is closing."""


def _describe(frame: av.VideoFrame, stream: VideoStream, rotation: int) -> FrameFormat:
    """The format of the pictures, with a rate that a camera can have."""
    described = describe_format(frame, stream, rotation)
    lowest, highest = _RATES
    is_plausible = lowest <= described.frame_rate <= highest
    return described if is_plausible else replace(described, frame_rate=_USUAL_RATE)


def _stamp(frame: av.VideoFrame, stream: VideoStream) -> int | None:
    if frame.pts is None or stream.time_base is None:
        return None
    return nanoseconds(frame.pts, stream.time_base)
