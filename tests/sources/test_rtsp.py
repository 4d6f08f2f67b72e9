"""Network cameras, by real RTSP and real H.264 on a local connection."""

import errno
import itertools
import logging
import shutil
import socket
import ssl
import subprocess
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from fractions import Fraction
from pathlib import Path
from urllib.parse import quote

import pytest

from anoncam.clock import Stop, SystemClock
from anoncam.errors import CameraError, CameraRefusalError, StoppedError
from anoncam.sources import stream_source
from anoncam.sources.rtsp import RtspSource
from tests.support.clips import make_clip
from tests.support.rtsp_server import SIZE, RtspCamera
from tests.support.tripwire import Tripwire

pytestmark = pytest.mark.integration

USER, PASSWORD = "admin", "pa55wörd"


@pytest.fixture
def camera() -> Iterator[RtspCamera]:
    with RtspCamera() as served:
        yield served


def connect(address: str, **timeouts: float) -> RtspSource:
    return RtspSource(address, clock=SystemClock(), stop=Stop(), **({"silence": 5.0} | timeouts))  # type: ignore[arg-type]


def failure(address: str, **timeouts: float) -> CameraError:
    """What connecting fails with. It never holds the password, nor words of libav or Python."""
    with pytest.raises(CameraError) as caught:
        connect(address, **timeouts)
    error: BaseException | None = caught.value
    while error is not None:
        assert PASSWORD not in repr(error)
        assert "hidden-token" not in repr(error)
        assert "Errno" not in repr(error)
        error = error.__cause__ or error.__context__
    told = str(caught.value)
    assert told.endswith(")"), "there is no remedy"
    assert not any(words in told.lower() for words in ("input/output", "invalid data", "av."))
    return caught.value


def with_password(address: str) -> str:
    return address.replace("://", f"://{USER}:{quote(PASSWORD)}@")


def test_the_stream_is_decoded_and_shown_at_the_speed_at_which_it_comes(camera: RtspCamera) -> None:
    with connect(camera.address) as source:
        assert (source.format.width, source.format.height) == SIZE
        assert source.live
        stamps = []
        for _ in range(5):
            capture = source.read()
            assert capture is not None
            stamps.append(capture.time.presentation)
            capture.close()
    # The camera states 40 ms from picture to picture, and sends one every 10 ms.
    assert all(0 < later - earlier < 60_000_000 for earlier, later in itertools.pairwise(stamps))


def test_a_camera_that_changes_the_size_of_its_pictures_is_lost(camera: RtspCamera) -> None:
    with connect(camera.address) as source:
        camera.scale = Fraction(2)
        with pytest.raises(CameraError, match="sends 192x128 pixels now"):
            while (capture := source.read()) is not None:
                capture.close()


def test_a_camera_that_hangs_up_is_lost(camera: RtspCamera) -> None:
    with connect(camera.address) as source:
        camera.hang_up()
        with pytest.raises(CameraError, match="the stream has ended"):
            while (capture := source.read()) is not None:
                capture.close()


def test_a_camera_that_falls_silent_is_lost(camera: RtspCamera) -> None:
    with connect(camera.address, silence=0.5) as source:
        camera.go_silent()
        with pytest.raises(CameraError, match=r"has sent no picture|does not answer"):
            while (capture := source.read()) is not None:
                capture.close()


@pytest.mark.parametrize("digest", [False, True])
def test_the_right_password_opens_the_stream(digest: bool) -> None:
    with RtspCamera(user=USER, password=PASSWORD, digest=digest) as served:
        with connect(with_password(served.address)) as source:
            capture = source.read()
            assert capture is not None
            capture.close()
        assert any(request.startswith("PLAY") for request in served.requests)
        if digest:
            assert "Basic" not in "".join(served.requests)


@pytest.mark.parametrize("digest", [False, True])
def test_a_refused_password_is_named_and_tried_once_and_not_shown(
    digest: bool, capfd: pytest.CaptureFixture[str]
) -> None:
    with RtspCamera(user=USER, password="right", digest=digest) as served:  # noqa: S106
        error = failure(with_password(served.address))
        assert isinstance(error, CameraRefusalError)
        assert sum("Authorization:" in request for request in served.requests) == 1
    assert "the camera refuses the user name or the password" in str(error)
    written = capfd.readouterr()
    assert PASSWORD not in written.out + written.err


REFUSALS = {
    "401 Unauthorized": "user name or the password",
    "403 Forbidden": "user name or the password",
    "404 Not Found": "no such stream",
    "400 Bad Request": "refuses the request (it replied 400)",
    "453 Not Enough Bandwidth": "as many viewers as it can",
    "454 Session Not Found": "has lost the session",
    "461 Unsupported Transport": "does not send over TCP",
    "500 Internal Server Error": "an error of its own",
    "503 Service Unavailable": "the camera is busy",
    "551 Option not supported": "an error of its own (it replied 551)",
    "301 Moved\nLocation: http://127.0.0.1/hidden-token-9f86": "to another host or protocol",
    "302 Moved\nLocation: rtsp://elsewhere.invalid/x": "to another host or protocol",
    "302 Moved": "to another host or protocol",
    "302 Moved\nLocation: /stream": "redirects again and again",
}


@pytest.mark.parametrize("method", ["DESCRIBE", "SETUP", "PLAY"])
@pytest.mark.parametrize("reply", REFUSALS)
def test_each_refusal_of_a_camera_is_told_with_its_cause_and_a_remedy(
    reply: str, method: str
) -> None:
    if reply == "302 Moved\nLocation: /stream" and method != "DESCRIBE":
        pytest.skip("it is the description that is redirected")
    with RtspCamera(user=USER, password=PASSWORD) as served:
        served.replies[method] = reply
        error = failure(with_password(served.address), open_timeout=2, silence=1)
    assert REFUSALS[reply] in str(error)
    assert isinstance(error, CameraRefusalError) == (reply[:3] in {"401", "403"})


def test_a_camera_that_sends_by_udp_alone_is_told() -> None:
    with RtspCamera() as served:
        served.transport = "RTP/AVP;unicast;client_port=5000-5001;server_port=6000-6001"
        assert "does not send over TCP" in str(failure(served.address))


def test_a_stream_of_sound_alone_is_told() -> None:
    with RtspCamera() as served:
        served.media = "audio"
        assert "the stream has no video" in str(failure(served.address))


@pytest.mark.parametrize("host", ["127.0.0.1", "localhost"])
def test_a_redirect_on_the_same_host_is_followed_with_the_password(host: str) -> None:
    with RtspCamera(user=USER, password=PASSWORD) as other, RtspCamera() as served:
        location = other.address.replace("127.0.0.1", host)
        served.replies["DESCRIBE"] = f"302 Moved\nLocation: {location}"
        with connect(with_password(served.address)) as source:
            assert source.format.width == SIZE[0]


def test_a_redirect_to_another_host_is_given_no_password() -> None:
    with RtspCamera(host="127.0.0.2") as other, RtspCamera() as served:
        served.replies["DESCRIBE"] = f"302 Moved\nLocation: {other.address}"
        failure(with_password(served.address))
        assert other.requests == []


@pytest.mark.parametrize(
    ("address", "told"),
    [
        ("rtsp://no-such-camera.invalid/x", "cannot be resolved"),
        ("rtsp://127.0.0.1:1/x", "refuses connections to this port"),
        ("http://127.0.0.1/x", "not one of RTSP"),
        ("rtsp://127.0.0.1:port/x", "not one of RTSP"),
        ("rtsp:///x", "not one of RTSP"),
    ],
)
def test_an_address_without_a_camera_is_told(address: str, told: str) -> None:
    error = failure(address.replace("://", f"://{USER}:{PASSWORD}@"))
    assert told in str(error)


@pytest.mark.parametrize("number", [errno.EHOSTUNREACH, errno.ENETUNREACH])
def test_a_host_that_cannot_be_reached_is_told(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    refuse(monkeypatch, OSError(number, "no route"))
    assert "the camera cannot be reached" in str(failure("rtsp://10.255.255.1/x"))


@pytest.mark.parametrize("number", [errno.EPERM, errno.EACCES, errno.EAFNOSUPPORT])
def test_a_service_that_may_not_reach_the_camera_is_told(
    monkeypatch: pytest.MonkeyPatch, number: int
) -> None:
    refuse(monkeypatch, OSError(number, "not permitted"))
    assert "anoncam service allow" in str(failure("rtsp://10.0.0.7/x"))


def refuse(monkeypatch: pytest.MonkeyPatch, error: OSError) -> None:
    def create_connection(*_: object) -> socket.socket:
        raise error

    monkeypatch.setattr(socket, "create_connection", create_connection)


@pytest.mark.parametrize(
    ("greeting", "told"),
    [
        (b"SSH-2.0-OpenSSH_9.2\r\n", "not an RTSP server"),
        (b"HTTP/1.0 400 Bad Request\r\n\r\n", "not an RTSP server"),
        (b"\x15\x03\x03\x00\x02\x02F", "not an RTSP server"),
        (b"", "ends the connection without an answer"),
    ],
)
def test_what_is_no_camera_is_told(greeting: bytes, told: str) -> None:
    with answering(greeting) as port:
        error = failure(f"rtsp://{USER}:{PASSWORD}@127.0.0.1:{port}/x", open_timeout=1, silence=1)
    assert told in str(error)


def test_a_port_without_tls_is_told() -> None:
    with answering(b"RTSP/1.0 400 Bad Request\r\n\r\n") as port:
        error = failure(f"rtsps://127.0.0.1:{port}/x", open_timeout=1, silence=1)
    assert "no encrypted connection" in str(error)


@pytest.mark.skipif(shutil.which("openssl") is None, reason="needs openssl for a certificate")
def test_a_stream_over_tls_is_opened_with_the_certificate_of_the_camera(tmp_path: Path) -> None:
    key, certificate = tmp_path / "key.pem", tmp_path / "certificate.pem"
    command = "openssl req -x509 -newkey rsa:2048 -nodes -subj /CN=camera -days 2"
    subprocess.run(
        [*command.split(), "-keyout", key, "-out", certificate], check=True, capture_output=True
    )
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    with RtspCamera(user=USER, password=PASSWORD, tls=context) as served:
        with connect(with_password(served.address)) as source:
            assert source.format.width == SIZE[0]
        served.replies["DESCRIBE"] = "404 Not Found"
        assert "no such stream" in str(failure(with_password(served.address)))


@contextmanager
def answering(data: bytes) -> Iterator[int]:
    """A server that sends `data` to each that connects, and hangs up."""

    def serve(server: socket.socket) -> None:
        with suppress(OSError):
            while True:
                connection, _ = server.accept()
                with connection:
                    connection.recv(1 << 16)
                    connection.sendall(data)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=serve, args=(server,))
        thread.start()
        yield server.getsockname()[1]
        server.shutdown(socket.SHUT_RDWR)
        thread.join()


def test_damaged_pictures_are_counted_and_told_once(
    camera: RtspCamera, caplog: pytest.LogCaptureFixture
) -> None:
    number = itertools.count()

    def spoil(packet: bytes) -> list[bytes]:
        keeps = next(number) % 3 or len(packet) < 40
        return [packet if keeps else packet[:30] + bytes(len(packet) - 30)]

    with caplog.at_level(logging.INFO), connect(camera.address) as source:
        camera.spoil = spoil
        seen = 0
        while source.damaged < 3 and seen < 500:
            capture = source.read()
            assert capture is not None
            capture.close()
            seen += 1
        assert source.damaged >= 3
        camera.hang_up()
        with pytest.raises(CameraError):
            while (capture := source.read()) is not None:
                capture.close()
    told = [getattr(record, "anoncam_event", None) for record in caplog.records]
    assert told.count("stream-damaged") == told.count("stream-intact") == 1


def test_messages_of_libav_reach_no_output(
    capfd: pytest.CaptureFixture[str],
) -> None:
    def send_nonsense(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            connection.sendall(b"HTTP/1.0 500 no\r\n\r\n" * 50)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=send_nonsense, args=(server,))
        thread.start()
        with pytest.raises(CameraError):
            connect(
                f"rtsp://{USER}:secret@127.0.0.1:{server.getsockname()[1]}/x",
                open_timeout=1,
                silence=1,
            )
        thread.join()
    written = capfd.readouterr()
    assert written.out + written.err == ""


def test_a_camera_that_accepts_a_connection_and_sends_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"rtsp://127.0.0.1:{server.getsockname()[1]}/x"
        error = failure(address, open_timeout=0.5, silence=0.5)
    assert "the camera does not answer" in str(error)


def test_the_stop_ends_the_connecting_to_a_camera_that_sends_nothing() -> None:
    stop, stopped = Stop(), threading.Event()

    def stop_when_connected(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            stop.request()
            stopped.wait()

    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"rtsp://127.0.0.1:{server.getsockname()[1]}/x"
        thread = threading.Thread(target=stop_when_connected, args=(server,))
        thread.start()
        with pytest.raises(StoppedError):
            RtspSource(address, clock=SystemClock(), stop=stop, open_timeout=60, silence=1)
        stopped.set()
        thread.join()


def test_the_reader_closes_its_connection_after_close(camera: RtspCamera) -> None:
    others = set(threading.enumerate())
    source = connect(camera.address)
    sockets = open_sockets()
    source.close()
    for thread in set(threading.enumerate()) - others:
        if thread.name == "stream":
            thread.join()
    assert open_sockets() < sockets
    assert source.read() is None


def open_sockets() -> int:
    targets = []
    for path in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            targets.append(str(path.readlink()))
    return sum(target.startswith("socket:") for target in targets)


@pytest.mark.parametrize("address", ["file:{bait}", "{bait}", "concat:{bait}"])
def test_a_camera_is_not_a_file(tmp_path: Path, address: str) -> None:
    bait = make_clip(tmp_path / "bait.ts")
    with Tripwire(bait) as tripwire:
        with pytest.raises(CameraError):
            connect(address.format(bait=bait), open_timeout=0.5, silence=0.5)
        assert tripwire.touched() == []


def test_a_decoder_that_cannot_be_started_is_not_the_fault_of_the_camera(
    camera: RtspCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_: object) -> None:
        raise OSError(errno.EMFILE, "Too many open files")

    monkeypatch.setattr(stream_source, "ConfinedProcess", refuse)
    told = str(failure(camera.address))
    assert "its decoder cannot be started: Too many open files" in told
