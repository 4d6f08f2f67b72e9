"""Why a network camera gives no pictures: each cause with its text and its remedy."""

from enum import Enum

from anoncam.errors import CameraError, CameraRefusalError


class Cause(Enum):
    """A cause; its value is the text, and the remedy.

    `docs/operations.md` has a table of them.
    """

    ADDRESS = (
        "the address is not one of RTSP",
        "write source.address as rtsp://host/path or rtsps://host/path",
    )
    NAME = (
        "the name of the camera cannot be resolved",
        "check the name and the name server, or write the camera's IP address",
    )
    SANDBOX = (
        "this service may not reach the camera",
        "run sudo anoncam service allow with its IP address, and restart the service",
    )
    UNREACHABLE = (
        "the camera cannot be reached",
        "check its address, its power, its cable and the network",
    )
    PORT = (
        "the camera refuses connections to this port",
        "check the port, and switch RTSP on in the camera",
    )
    SILENT = (
        "the camera does not answer",
        "check the address and the network, or restart the camera",
    )
    HUNG_UP = (
        "the camera ends the connection without an answer",
        "check the port, whether the camera wants rtsps, and whether it has too many viewers",
    )
    NOT_RTSP = (
        "what answers at this address is not an RTSP server",
        "check the port: RTSP is at 554 in most cameras, and rtsps at 322",
    )
    TLS = (
        "no encrypted connection to the camera can be made",
        "check that this port of the camera is for rtsps, or write rtsp instead",
    )
    REFUSED = (
        "the camera refuses the user name or the password",
        "correct them in the configuration and reload; until then it is tried seldom, as cameras"
        " lock accounts after a few attempts",
    )
    LOGIN = (
        "the camera asks for a login of a kind that anoncam does not have",
        "choose Digest with MD5, or Basic, in the camera",
    )
    NO_STREAM = (
        "the camera has no such stream",
        "check the path of the address in the manual of the camera",
    )
    SESSION = (
        "the camera has lost the session",
        "restart the camera if this repeats",
    )
    TRANSPORT = (
        "the camera does not send over TCP",
        "allow RTSP over TCP in the camera: anoncam does not use UDP",
    )
    BUSY = (
        "the camera is busy, or serves as many viewers as it can",
        "close other viewers, or restart the camera",
    )
    ELSEWHERE = (
        "the camera redirects to another host or protocol, which anoncam does not follow",
        "write the address to which it redirects as source.address, if it is yours",
    )
    CIRCLE = (
        "the camera redirects again and again",
        "check the path of the address in the manual of the camera",
    )
    REQUEST = (
        "the camera refuses the request",
        "check the path of the address, and the log of the camera",
    )
    CAMERA = (
        "the camera has an error of its own",
        "restart the camera if this repeats",
    )
    NO_VIDEO = (
        "the stream has no video",
        "check the path of the address: this may be the sound alone",
    )
    UNREADABLE = (
        "the stream cannot be read",
        "choose H.264 or H.265 in the camera",
    )
    BROKEN_OFF = (
        "the connection has broken off",
        "check the power of the camera and the network",
    )
    ENDED = (
        "the stream has ended",
        "check whether the camera restarts or limits the time of a viewer",
    )

    @property
    def text(self) -> str:
        """What is wrong."""
        return self.value[0]

    @property
    def remedy(self) -> str:
        """What helps."""
        return self.value[1]

    def error(self, description: str, code: int = 0) -> CameraError:
        """The error for the camera of this `description`; `code` is that of its reply."""
        refused = self in (Cause.REFUSED, Cause.LOGIN)
        kind = CameraRefusalError if refused else CameraError
        replied = f" (it replied {code})" if code else ""
        return kind(f"{description}: {self.text}{replied}", self.remedy)


CERTAIN = frozenset(
    {
        Cause.ADDRESS,
        Cause.NAME,
        Cause.SANDBOX,
        Cause.UNREACHABLE,
        Cause.PORT,
        Cause.TLS,
        Cause.REFUSED,
        Cause.NO_STREAM,
        Cause.ELSEWHERE,
        Cause.CIRCLE,
    }
)
"""The causes with which libav need not try too. For others, it may understand the camera better."""

_CODES = {
    401: Cause.REFUSED,
    403: Cause.REFUSED,
    404: Cause.NO_STREAM,
    410: Cause.NO_STREAM,
    429: Cause.BUSY,
    453: Cause.BUSY,
    454: Cause.SESSION,
    461: Cause.TRANSPORT,
    503: Cause.BUSY,
}


def cause_of(code: int) -> Cause | None:
    """The cause of a reply with this code; None for one that is no failure."""
    if code in _CODES:
        return _CODES[code]
    if code < 300:
        return None
    if code < 400:
        return Cause.ELSEWHERE
    return Cause.REQUEST if code < 500 else Cause.CAMERA
