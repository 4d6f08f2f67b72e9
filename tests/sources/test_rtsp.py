"""Network cameras, by real RTSP and real H.264 on a local connection."""

import itertools
import socket
import threading
from collections.abc import Iterator
from contextlib import suppress
from fractions import Fraction
from pathlib import Path

import av
import pytest

from anoncam.clock import Stop, SystemClock
from anoncam.errors import CameraError, StoppedError
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
    # The camera says 40 ms from picture to picture, and sends one every 10 ms.
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


def test_a_refused_password_is_named_and_not_shown(capfd: pytest.CaptureFixture[str]) -> None:
    with RtspCamera(user=USER, password="right") as served:  # noqa: S106
        address = served.address.replace("rtsp://", f"rtsp://{USER}:{PASSWORD}@")
        with pytest.raises(CameraError) as caught:
            connect(address)
    error: BaseException | None = caught.value
    assert "the camera refuses the user or the password" in str(error)
    while error is not None:
        assert PASSWORD not in repr(error)
        error = error.__cause__ or error.__context__
    written = capfd.readouterr()
    assert PASSWORD not in written.out + written.err


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


def test_a_stream_that_does_not_exist_is_named() -> None:
    with RtspCamera(wrong_path=True) as served, pytest.raises(CameraError, match="no such stream"):
        connect(served.address)


def test_a_camera_that_accepts_a_connection_and_sends_nothing_is_given_up() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"rtsp://127.0.0.1:{server.getsockname()[1]}/x"
        with pytest.raises(CameraError):
            connect(address, open_timeout=0.5, silence=0.5)


def test_the_stop_ends_the_connecting_to_a_camera_that_says_nothing() -> None:
    stop = Stop()

    def stop_when_connected(server: socket.socket) -> None:
        connection, _ = server.accept()
        with connection:
            stop.request()
            while connection.recv(1 << 16):
                continue

    with socket.create_server(("127.0.0.1", 0)) as server:
        address = f"rtsp://127.0.0.1:{server.getsockname()[1]}/x"
        thread = threading.Thread(target=stop_when_connected, args=(server,))
        thread.start()
        with pytest.raises(StoppedError):
            RtspSource(address, clock=SystemClock(), stop=stop, open_timeout=60, silence=1)
        thread.join()


def test_the_reader_closes_its_connection_after_close(camera: RtspCamera) -> None:
    others = set(threading.enumerate())
    source = connect(camera.address)
    sockets = open_sockets()
    source.close()
    for thread in set(threading.enumerate()) - others:
        if thread.name == "rtsp":
            thread.join()
    assert open_sockets() < sockets
    assert source.read() is None


def open_sockets() -> int:
    targets = []
    for path in Path("/proc/self/fd").iterdir():
        with suppress(FileNotFoundError):
            targets.append(str(path.readlink()))
    return sum(target.startswith("socket:") for target in targets)


def test_libav_may_use_only_the_protocols_of_cameras(monkeypatch: pytest.MonkeyPatch) -> None:
    given: dict[str, str] = {}

    def refuse(*_: object, container_options: dict[str, str], **__: object) -> None:
        given.update(container_options)
        raise av.ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr(av, "open", refuse)
    with pytest.raises(CameraError, match="connection refused"):
        connect("rtsp://127.0.0.1:1/x")
    assert set(given["protocol_whitelist"].split(",")) == {"rtp", "udp", "tcp", "tls"}
    assert given["format_whitelist"] == "rtsp"


@pytest.mark.parametrize("address", ["file:{bait}", "{bait}", "concat:{bait}"])
def test_a_camera_is_not_a_file(tmp_path: Path, address: str) -> None:
    bait = make_clip(tmp_path / "bait.ts")
    with Tripwire(bait) as tripwire:
        with pytest.raises(CameraError):
            connect(address.format(bait=bait), open_timeout=0.5, silence=0.5)
        assert tripwire.touched() == []
