"""What cameras share that a confined process decodes: it tells what comes, and is not believed."""

import socket
import threading
from abc import abstractmethod
from dataclasses import dataclass

from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.errors import CameraError, StoppedError
from anoncam.frames.frame import FrameFormat
from anoncam.processes.channel import make_channel, receive_alone
from anoncam.processes.confined_process import ConfinedProcess
from anoncam.sources.base_source import BaseSource
from anoncam.sources.damage import Damage
from anoncam.sources.dropping_queue import DroppingQueue
from anoncam.sources.process.media_process import DEFAULT_LIMITS, MediaProcess
from anoncam.sources.process.messages import Done, Streaming, decode
from anoncam.sources.process.remote_capture import RemoteCapture, Tickets
from anoncam.sources.silence import Silence
from anoncam.sources.stream_clock import StreamClock

_WORKER = "anoncam.sources.process.stream_worker"

_POLL = 0.1
_QUEUE = 10
"""Decoded pictures that may wait, as a network delivers them in bursts."""

_MEMORY = 1 << 30
"""Bytes of private memory that decoding may take: 16 pictures of 8192 x 5460 and more."""

_REPLY_TIMEOUT = 10.0
"""Seconds that copying a picture may take. The daemon stands still meanwhile."""


@dataclass(frozen=True)
class _Received:
    """A picture in the process that has decoded it; it stays there after the stream has ended."""

    ticket: int
    size: tuple[int, int]
    arrival: int
    stamp: int | None
    format: FrameFormat


class StreamSource(BaseSource):
    """A camera that a confined process decodes; a thread of its own hears what comes.

    A picture that is not read in time is decoded all the same, and lost.

    A backend calls `_wait_for_first` at the end of its `__init__`, and adds `_hear_to_the_end`.
    """

    live = True
    _tickets: Tickets
    """It comes with the process, and so before the first picture."""

    def __init__(self, description: str, *, clock: Clock, stop: Stop, silence: float) -> None:
        super().__init__(stop, clock)
        self.description = description
        self._is_open = False
        """Whether libav has opened it."""
        self._silence = Silence(silence)
        self._damage = Damage(description, clock)
        self._stream_clock = StreamClock(description)
        self._media: MediaProcess | None = None
        self._frames: DroppingQueue[_Received] = DroppingQueue(_QUEUE, self._lose)

    def _wait_for_first(self, seconds: float) -> None:
        """Hear what comes from now on, and wait for the first picture.

        Raises:
            CameraError: none comes.
            StoppedError: the stop was requested meanwhile.
        """
        threading.Thread(target=self._run, name="stream", daemon=True).start()
        try:
            first = self._wait(seconds)
        except BaseException:
            self.close()
            raise
        if first is None:
            self.close()
            raise StoppedError(f"stopped while opening {self.description}")
        # It is old by the time that somebody reads.
        self._tickets.drop(first.ticket)
        self.format = first.format

    @abstractmethod
    def _hear_to_the_end(self) -> CameraError:
        """Hear what comes until it ends, by `_start` and `_follow`; return why it has ended."""

    def _why_silent(self, seconds: float) -> CameraError:
        """Why no picture has come for so long."""
        return CameraError(
            f"{self.description} has sent no picture for {seconds:g} s", "check the camera"
        )

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
        return RemoteCapture(taken.ticket, time, self._tickets, self._handle)

    def _wait(self, seconds: float) -> _Received | None:
        deadline = self._clock.monotonic() + round(seconds * NANOSECONDS)
        while not self._ended:
            taken = self._frames.take(_POLL)
            if taken is not None:
                return taken
            if self._clock.monotonic() > deadline:
                raise self._why_silent(seconds)
        return None

    def _run(self) -> None:
        error = self._hear_to_the_end()
        self._damage.end()
        self._frames.fail(error)

    def _start(
        self, *, connection: socket.socket | None = None, device: int | None = None
    ) -> socket.socket:
        """Start the process with what it is handed in; return the channel by which it tells.

        Raises:
            CameraError: it cannot be started.
        """
        news, theirs = make_channel()
        try:
            self._media = MediaProcess(
                self.description,
                lambda: ConfinedProcess(_WORKER, [theirs.fileno()], _MEMORY, connection, device),
                lambda: self._ended,
                CameraError,
                _REPLY_TIMEOUT,
            )
        except BaseException:
            news.close()
            raise
        finally:
            theirs.close()
        self._tickets = Tickets(self._media)
        if self._handle.closing:
            self._media.close()
        return news

    def _follow(self, news: socket.socket, **request: object) -> Streaming:
        """Have the process open what is requested, and hear what comes; return the last message.

        Raises:
            CameraError: the process has ended, or lies.
        """
        assert self._media is not None  # noqa: S101 - it was started
        try:
            with news:
                self._media.ask(Done, "open", (), **request)
                return self._hear_all(news)
        except StoppedError:
            return Streaming(end="ended")

    def _hear_all(self, news: socket.socket) -> Streaming:
        if (first := self._hear(news)).end is not None:
            return first
        self._is_open = True
        arrival, frame_format = self._clock.monotonic(), None
        while (message := self._hear(news)).end is None:
            if message.damaged is not None:
                self._damage.count(message.damaged)
            if message.ticket is not None:
                frame_format = frame_format or self._format(message)
                self._put(message, arrival, frame_format)
            elif message.damaged is None:
                arrival = self._clock.monotonic()
        return message

    def _hear(self, news: socket.socket) -> Streaming:
        """Wait for the next message."""
        while not self._ended:
            try:
                received = receive_alone(news, _POLL)
            except ConnectionError:
                return Streaming(end="broken off")
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
        self._frames.put(_Received(message.ticket, size, arrival, message.stamp, frame_format))

    def _lose(self, lost: _Received) -> None:
        self._tickets.give_back(lost.ticket)

    def _release(self) -> None:
        """End the process, and so close what it was handed in."""
        if self._media is not None:
            self._media.close()
