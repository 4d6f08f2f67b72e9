"""Reads network cameras by RTSP over TCP."""

import socket
import threading
from dataclasses import dataclass

from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.errors import CameraError, StoppedError
from anoncam.events.redaction import redact
from anoncam.frames.frame import FrameFormat
from anoncam.processes.channel import make_channel, receive_alone
from anoncam.processes.confined_process import ConfinedProcess
from anoncam.sources.base_source import BaseSource
from anoncam.sources.damage import Damage
from anoncam.sources.dropping_queue import DroppingQueue
from anoncam.sources.process.media_process import DEFAULT_LIMITS, MediaProcess
from anoncam.sources.process.messages import Done, Streaming, decode
from anoncam.sources.process.remote_capture import RemoteCapture, Tickets
from anoncam.sources.rtsp_causes import CERTAIN, Cause
from anoncam.sources.rtsp_dialogue import RtspError, connect, find_stream, try_stream
from anoncam.sources.silence import Silence
from anoncam.sources.stream_clock import StreamClock

OPEN_TIMEOUT = 10.0
"""Seconds that connecting may take, and again the first picture."""

_MARGIN = 5.0
"""Seconds that libav waits longer than the source itself."""

_POLL = 0.1
_QUEUE = 10
"""Decoded pictures that may wait, as a network delivers them in bursts."""

_WORKER = "anoncam.sources.process.stream_worker"

_MEMORY = 1 << 30
"""Bytes of private memory that decoding may take: 16 pictures of 8192 x 5460 and more."""

_ENDS = {
    "no video": Cause.NO_VIDEO,
    "ended": Cause.ENDED,
    "silent": Cause.SILENT,
    "broken off": Cause.BROKEN_OFF,
    "refused": Cause.REFUSED,
}


@dataclass(frozen=True)
class _Received:
    """A picture in the process that has decoded it; it stays there after the stream has ended."""

    ticket: int
    size: tuple[int, int]
    arrival: int
    stamp: int | None
    format: FrameFormat


class RtspSource(BaseSource):
    """A stream that a confined process decodes; a thread of its own hears what comes.

    A picture that is not read in time is decoded all the same, and lost.

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
        self._rotation = rotation
        self._media: MediaProcess | None = None
        self._tickets: Tickets | None = None
        self._frames: DroppingQueue[_Received] = DroppingQueue(_QUEUE, self._lose)
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

    def _read(self) -> RemoteCapture | None:
        taken = self._wait(self._silence.seconds)
        if taken is None:
            return None
        self._silence.end(taken.arrival)
        size = taken.size
        if size != (self.format.width, self.format.height):
            # Scaled to the old size, faces would be distorted, and the detector might miss them.
            raise CameraError(
                f"{self.description} sends {size[0]}x{size[1]} pixels now", "it is opened anew"
            )
        time = self._stream_clock.next(taken.arrival, taken.stamp)
        assert self._tickets is not None  # noqa: S101 - there is a picture
        return RemoteCapture(taken.ticket, time, self._tickets, self._handle)

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
            error = self._error(RtspError(Cause.ENDED))
        except RtspError as known:
            error = self._error(known)
        except CameraError as known:
            # It is about the process that decodes.
            error = known
        except Exception:  # its text is not used, because it quotes the whole address
            error = self._error(RtspError(Cause.BROKEN_OFF))
        self._damage.end()
        self._frames.fail(error)

    def _error(self, failure: RtspError) -> CameraError:
        return failure.cause.error(self.description, failure.code)

    def _receive(self) -> None:
        address = self._ask()
        if self._ended:
            return
        try:
            connection, numeric = connect(address, self._asking)
        except RtspError as failure:
            unexplained = failure.cause
        else:
            unexplained = self._listen(connection, numeric)
        # Raised here, it has no context, which would quote the whole address.
        raise self._explain(unexplained, address)

    def _listen(self, connection: socket.socket, address: str) -> Cause:
        """Hear what comes by `connection` until it ends; why libav cannot open it, if so.

        Raises:
            RtspError: the stream has ended.
        """
        news, theirs = make_channel()
        with news:
            with connection, theirs:
                self._media = MediaProcess(
                    self.description,
                    lambda: ConfinedProcess(_WORKER, [theirs.fileno()], _MEMORY, connection),
                    lambda: self._ended,
                    CameraError,
                )
            self._tickets = Tickets(self._media)
            if self._handle.closing:
                self._media.close()
            self._media.ask(
                Done,
                "open",
                address=address,
                rotation=self._rotation,
                silence=self._libav_timeout,
                open_timeout=self._open_timeout,
            )
            if (first := self._hear(news)).end is not None:
                return _ENDS[first.end]
            self._suspected = None
            arrival, frame_format = 0, None
            while (message := self._hear(news)).end is None:
                if message.damaged is not None:
                    self._damage.count(message.damaged)
                elif message.ticket is None:
                    arrival = self._clock.monotonic()
                else:
                    frame_format = frame_format or self._format(message)
                    self._put(message, arrival, frame_format)
        raise RtspError(_ENDS[message.end])

    def _hear(self, news: socket.socket) -> Streaming:
        """Wait for the next message."""
        while not self._ended:
            received = receive_alone(news, _POLL)
            if received is not None:
                return decode(received, Streaming, self.description, CameraError)
        return Streaming(end="ended")

    def _format(self, first: Streaming) -> FrameFormat:
        """The format of the pictures, after the message of the first.

        Raises:
            CameraError: there is none, or it is too large.
        """
        described = first.format
        if described is None or described.width * described.height > DEFAULT_LIMITS.max_pixels:
            raise CameraError(
                f"{self.description} sends pictures too large to be read",
                "choose smaller ones in the camera",
            )
        return described.format

    def _put(self, message: Streaming, arrival: int, frame_format: FrameFormat) -> None:
        assert message.ticket is not None  # noqa: S101 - the caller has looked
        size = message.width, message.height
        taken = _Received(message.ticket, size, arrival, message.stamp, frame_format)
        self._frames.put(taken)

    def _lose(self, lost: _Received) -> None:
        assert self._tickets is not None  # noqa: S101 - they come with the process
        self._tickets.give_back(lost.ticket)

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

    def _explain(self, cause: Cause, address: str) -> RtspError:
        """Why libav could not open the stream, or nobody could connect."""
        refused = cause is Cause.REFUSED
        if self._suspected is not None and not (
            refused and self._suspected.cause is not Cause.LOGIN
        ):
            return self._suspected
        if refused or cause is Cause.NO_VIDEO:
            return RtspError(cause)
        if self._ended:
            return RtspError(Cause.ENDED)
        try:
            try_stream(address, self._asking)
        except RtspError as failure:
            return failure
        except Exception:  # a reply that we do not understand, and libav neither
            return RtspError(Cause.UNREADABLE)
        return RtspError(Cause.SILENT if cause is Cause.SILENT else Cause.UNREADABLE)

    def _release(self) -> None:
        """End the process, and so the connection."""
        if self._media is not None:
            self._media.close()
