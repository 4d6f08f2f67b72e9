"""Asks a network camera by RTSP itself, since libav hides why a camera gives no pictures."""

import errno
import re
import socket
import ssl
import time
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, field
from urllib.parse import SplitResult, unquote, urljoin, urlsplit

from anoncam.sources.deadline import left, reader
from anoncam.sources.rtsp_causes import Cause, cause_of
from anoncam.sources.rtsp_login import authorization, best, is_stale

_PORTS = {"rtsp": 554, "rtsps": 322}
_REDIRECTS = 5
_LONGEST_LINE = 8192
_MOST_LINES = 200
_LARGEST_BODY = 1 << 20
_UNAUTHORIZED = 401
_INTERLEAVED = b"$"


class RtspError(Exception):
    """A cause, with the code of the camera's reply if there is one."""

    def __init__(self, cause: Cause, code: int = 0) -> None:
        super().__init__(cause.text)
        self.cause = cause
        self.code = code


def find_stream(address: str, seconds: float) -> str:
    """Ask for the description of a stream; the address at which it is.

    Redirects are followed on the same host only: another one must not be given the password.

    Raises:
        RtspError: the camera cannot be reached, refuses or redirects elsewhere.
    """
    deadline = time.monotonic() + seconds
    for _ in range(_REDIRECTS):
        with closing(_Dialogue(address, deadline)) as dialogue:
            reply = dialogue.describe()
        if not reply.redirects:
            reply.check()
            return address
        address = _redirected(address, reply, dialogue.peer)
    raise RtspError(Cause.CIRCLE)


def try_stream(address: str, seconds: float) -> None:
    """Ask for the video of a stream as a player does, and hang up again.

    Raises:
        RtspError: the camera refuses, or the stream has no video.
    """
    with closing(_Dialogue(address, time.monotonic() + seconds)) as dialogue:
        reply = dialogue.describe()
        reply.check()
        video = _video(reply, dialogue.target)
        transport = {"Transport": "RTP/AVP/TCP;unicast;interleaved=0-1"}
        setup = dialogue.ask("SETUP", video, transport)
        setup.check()
        if "tcp" not in setup.headers.get("transport", "").lower():
            raise RtspError(Cause.TRANSPORT)
        session = {"Session": setup.headers.get("session", "").partition(";")[0]}
        dialogue.ask("PLAY", dialogue.target, session | {"Range": "npt=0.000-"}).check()


def connect(address: str, seconds: float) -> tuple[socket.socket, str]:
    """Connect to a camera: the connection, without TLS, and its address in numbers.

    Raises:
        RtspError: the camera cannot be reached.
    """
    url = _split(address)
    connection = _connect_plainly(url, time.monotonic() + seconds)
    connection.settimeout(None)
    # A scope, as in fe80::1%eth0, says nothing to whoever has the connection already.
    host = str(connection.getpeername()[0]).partition("%")[0]
    host = f"[{host}]" if ":" in host else host
    user, at, _ = url.netloc.rpartition("@")
    return connection, url._replace(netloc=f"{user}{at}{host}:{_port(url)}").geturl()


@dataclass(frozen=True)
class _Reply:
    code: int
    headers: dict[str, str] = field(repr=False)
    challenges: tuple[str, ...] = field(repr=False)
    body: bytes = field(repr=False)

    @property
    def redirects(self) -> bool:
        return self.code // 100 == 3

    def check(self) -> None:
        """Raise the failure that this reply means."""
        cause = cause_of(self.code)
        if cause is not None:
            raise RtspError(cause, self.code)


class _Dialogue:
    """One connection to a camera. Everything must be over by `deadline` (time.monotonic)."""

    def __init__(self, address: str, deadline: float) -> None:
        url = _split(address)
        self._user = unquote(url.username or "")
        self._password = unquote(url.password or "")
        self.target = _without_user(url)
        self._deadline = deadline
        self._number = 0
        self._challenge = ""
        self._socket = _connect(url, deadline)
        self.peer = str(self._socket.getpeername()[0])
        self._reader = reader(self._socket, deadline)

    def describe(self) -> _Reply:
        """Ask for the description of the stream."""
        self.ask("OPTIONS", self.target, {})
        return self.ask("DESCRIBE", self.target, {"Accept": "application/sdp"})

    def ask(self, method: str, target: str, headers: dict[str, str]) -> _Reply:
        """Send a request, once more with name and password if the camera wants them."""
        reply = self._exchange(method, target, headers)
        if reply.code != _UNAUTHORIZED or not self._user:
            return reply
        if self._challenge and not is_stale(reply.challenges):
            return reply
        self._challenge = best(reply.challenges)
        if not self._challenge:
            raise RtspError(Cause.LOGIN, reply.code)
        return self._exchange(method, target, headers)

    def _exchange(self, method: str, target: str, headers: dict[str, str]) -> _Reply:
        self._number += 1
        lines = [f"{method} {target} RTSP/1.0", f"CSeq: {self._number}", "User-Agent: anoncam"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        if self._challenge:
            given = authorization(self._challenge, method, target, self._user, self._password)
            lines.append(f"Authorization: {given}")
        try:
            self._socket.settimeout(left(self._deadline))
            self._socket.sendall("\r\n".join([*lines, "", ""]).encode())
            return self._reply()
        except TimeoutError:
            raise RtspError(Cause.SILENT) from None
        except (OSError, EOFError):
            raise RtspError(Cause.HUNG_UP) from None

    def _reply(self) -> _Reply:
        status = re.match(r"RTSP/\d\.\d +(\d{3})\b", self._line())
        if status is None:
            raise RtspError(Cause.NOT_RTSP)
        pairs = [
            (name.strip().lower(), value.strip())
            for name, _, value in (line.partition(":") for line in self._head())
        ]
        challenges = tuple(value for name, value in pairs if name == "www-authenticate")
        headers = dict(pairs)
        length = headers.get("content-length", "0")
        size = min(int(length), _LARGEST_BODY) if re.fullmatch("[0-9]{1,9}", length) else 0
        return _Reply(int(status[1]), headers, challenges, self._reader.read(size))

    def _head(self) -> Iterator[str]:
        for _ in range(_MOST_LINES):
            line = self._line()
            if not line:
                return
            yield line
        raise RtspError(Cause.NOT_RTSP)

    def _line(self) -> str:
        """The next line, without pictures that come before it."""
        while self._reader.peek(1)[:1] == _INTERLEAVED:
            self._reader.read(int.from_bytes(self._reader.read(4)[2:], "big"))
        line = self._reader.readline(_LONGEST_LINE)
        if not line:
            raise EOFError
        return line.decode(errors="replace").strip()

    def close(self) -> None:
        """Hang up, which ends the session too."""
        self._reader.close()
        self._socket.close()


def _split(address: str) -> SplitResult:
    try:
        url = urlsplit(address)
        if url.scheme in _PORTS and url.hostname and url.port != 0:
            return url
    except ValueError:
        pass
    raise RtspError(Cause.ADDRESS)


def _without_user(url: SplitResult) -> str:
    host = url.hostname or ""
    host = f"[{host}]" if ":" in host else host
    return url._replace(netloc=f"{host}:{_port(url)}", fragment="").geturl()


def _port(url: SplitResult) -> int:
    return url.port or _PORTS[url.scheme]


def _redirected(address: str, reply: _Reply, peer: str) -> str:
    """The address to which `reply` of `peer` redirects, with the name and password of `address`."""
    before = _split(address)
    try:
        after = _split(urljoin(_without_user(before), reply.headers["location"]))
    except (RtspError, KeyError, ValueError):
        raise RtspError(Cause.ELSEWHERE, reply.code) from None
    same = after.hostname == before.hostname or peer in _addresses(after)
    if not same or after.scheme not in (before.scheme, "rtsps"):
        raise RtspError(Cause.ELSEWHERE, reply.code)
    user, at, _ = before.netloc.rpartition("@")
    own = urlsplit(_without_user(after))
    return own._replace(netloc=f"{user}{at}{own.netloc}").geturl()


def _addresses(url: SplitResult) -> set[str]:
    """The IP addresses of a host; none for a name that cannot be resolved."""
    try:
        found = socket.getaddrinfo(url.hostname, _port(url), type=socket.SOCK_STREAM)
    except (OSError, UnicodeError):
        return set()
    return {str(address[0]) for *_, address in found}


def _connect_plainly(url: SplitResult, deadline: float) -> socket.socket:
    try:
        return socket.create_connection((url.hostname, _port(url)), left(deadline))
    except (socket.gaierror, UnicodeError):
        raise RtspError(Cause.NAME) from None
    except TimeoutError:
        raise RtspError(Cause.SILENT) from None
    except ConnectionRefusedError:
        raise RtspError(Cause.PORT) from None
    except OSError as error:
        denied = {errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT}
        raise RtspError(Cause.SANDBOX if error.errno in denied else Cause.UNREACHABLE) from None


def _connect(url: SplitResult, deadline: float) -> socket.socket:
    connection = _connect_plainly(url, deadline)
    if url.scheme == "rtsp":
        return connection
    # As libav does, this trusts any certificate: cameras have their own.
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        return context.wrap_socket(connection, server_hostname=url.hostname)
    except TimeoutError:
        connection.close()
        raise RtspError(Cause.SILENT) from None
    except (OSError, ValueError):
        connection.close()
        raise RtspError(Cause.TLS) from None


def _video(reply: _Reply, target: str) -> str:
    """The address of the first video in a description."""
    base = reply.headers.get("content-base") or reply.headers.get("content-location") or target
    text = reply.body.decode(errors="replace")
    media = re.split(r"^m=", text, flags=re.MULTILINE)[1:]
    video = next((each for each in media if each.startswith("video")), None)
    if video is None:
        raise RtspError(Cause.NO_VIDEO)
    control = re.search(r"^a=control:(\S+)", video, re.MULTILINE)
    if control is None or control[1] == "*":
        return base
    if control[1].startswith(("rtsp://", "rtsps://")):
        return control[1]
    return f"{base.rstrip('/')}/{control[1]}"
