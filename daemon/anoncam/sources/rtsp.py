"""Reads network cameras by RTSP over TCP."""

import socket

from anoncam.clock import Clock, Stop
from anoncam.errors import CameraError
from anoncam.events.redaction import redact
from anoncam.sources.rtsp_causes import CERTAIN, Cause
from anoncam.sources.rtsp_dialogue import RtspError, connect, find_stream, try_stream
from anoncam.sources.stream_source import StreamSource

OPEN_TIMEOUT = 10.0
"""Seconds that connecting may take, and again the first picture."""

_MARGIN = 5.0
"""Seconds that libav waits longer than the source itself."""

_ENDS = {
    "no video": Cause.NO_VIDEO,
    "ended": Cause.ENDED,
    "silent": Cause.SILENT,
    "broken off": Cause.BROKEN_OFF,
    "refused": Cause.REFUSED,
}


class RtspSource(StreamSource):
    """The stream of a network camera.

    Raises:
        CameraRefusalError: the camera refuses name or password.
        CameraError: no connection, no such stream, or no picture in time.
        StoppedError: the stop was requested meanwhile.
    """

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
        super().__init__(redact(address), clock=clock, stop=stop, silence=silence)
        self._address = address
        self._open_timeout = open_timeout + silence
        self._libav_timeout = silence + _MARGIN
        self._asking = open_timeout / 2
        self._suspected: RtspError | None = None
        self._rotation = rotation
        self._wait_for_first(self._open_timeout)

    def _why_silent(self, seconds: float) -> CameraError:
        if self._suspected is not None and not self._is_open:
            return self._error(self._suspected)
        return super()._why_silent(seconds)

    def _hear_to_the_end(self) -> CameraError:
        try:
            return self._error(self._receive())
        except RtspError as known:
            return self._error(known)
        except CameraError as known:
            # It is about the process that decodes.
            return known
        except Exception:  # its text is not used, because it quotes the whole address
            return self._error(RtspError(Cause.BROKEN_OFF))

    def _error(self, failure: RtspError) -> CameraError:
        return failure.cause.error(self.description, failure.code)

    def _receive(self) -> RtspError:
        """Hear what comes until it ends; why it has.

        Raises:
            RtspError: it cannot begin.
        """
        address = self._ask()
        if self._ended:
            return RtspError(Cause.ENDED)
        try:
            connection, numeric = connect(address, self._asking)
        except RtspError as failure:
            unexplained = failure.cause
        else:
            unexplained = self._listen(connection, numeric)
            if self._is_open:
                return RtspError(unexplained)
        # Made here, it has no context, which would quote the whole address.
        return self._explain(unexplained, address)

    def _listen(self, connection: socket.socket, address: str) -> Cause:
        """Hear what comes by `connection` until it ends; why it has."""
        with connection:
            news = self._start(connection=connection)
        last = self._follow(
            news,
            address=address,
            rotation=self._rotation,
            silence=self._libav_timeout,
            open_timeout=self._open_timeout,
        )
        return _ENDS[last.end or "ended"]

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
