import contextlib
import io
import json
import os
import socket
import stat
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from anoncam.errors import NotRunningError
from anoncam.frames.frame import FrameFormat
from anoncam.service import control_clients, control_server, control_socket, snapshots
from anoncam.service.control_server import ControlServer, Now
from anoncam.service.snapshots import RecorderWithSnapshots, Snapshots
from tests.support.frames import moving, small_format


class Recording:
    """Records frames of the moving picture until it is ended, as the pipeline does."""

    def __init__(self, pictures: Snapshots, frame_format: FrameFormat) -> None:
        self.recorded: list[object] = []
        self._recorder = RecorderWithSnapshots(self, pictures)
        self._format = frame_format
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._run)
        self._thread.start()

    def write(self, frame: object) -> None:
        self.recorded.append(frame)

    def finish(self) -> None:
        pass

    def end(self) -> None:
        self._end.set()
        self._thread.join()

    def _run(self) -> None:
        while not self._end.wait(0.01):
            self._recorder.write(moving(self._format, 0))


@pytest.fixture
def serve(tmp_path: Path) -> Iterator[Callable[..., Snapshots]]:
    closing: list[Callable[[], None]] = []

    def start(now: Now, frame_format: FrameFormat | None = None) -> Snapshots:
        pictures = Snapshots()
        closing.append(ControlServer(tmp_path, pictures, lambda: now).close)
        if frame_format is not None:
            closing.append(Recording(pictures, frame_format).end)
        return pictures

    yield start
    for close in reversed(closing):
        close()


@pytest.mark.parametrize("rotation", [0, 90])
def test_a_snapshot_is_the_next_frame_as_a_jpeg_upright(
    serve: Callable[..., Snapshots], tmp_path: Path, rotation: int
) -> None:
    serve(Now("", ""), small_format(rotation=rotation))
    jpeg, veil = control_socket.take_snapshot(tmp_path)
    assert veil == ""
    with av.open(io.BytesIO(jpeg), "r", format="mjpeg") as container:
        (picture,) = container.decode(video=0)
    assert (picture.width, picture.height) == ((64, 48) if rotation == 0 else (48, 64))
    luma = picture.to_ndarray(format="gray").astype(int)
    # Bright above and dark below; turned clockwise, what was above is at the right.
    assert (luma[4, 30] > luma[-4, 30] + 80) if rotation == 0 else (luma[30, -4] > luma[30, 4] + 80)


def test_the_reason_of_a_veil_comes_with_the_picture_without_a_password(
    serve: Callable[..., Snapshots], tmp_path: Path
) -> None:
    serve(Now("", "rtsp://bob:hush@camera/ has gone"), small_format())
    assert control_socket.take_snapshot(tmp_path)[1] == "rtsp://bob:***@camera/ has gone"


def test_without_a_camera_the_answer_is_why_there_are_no_frames(
    serve: Callable[..., Snapshots], tmp_path: Path
) -> None:
    serve(Now("waiting for a camera since noon", ""))
    with pytest.raises(
        NotRunningError, match="there is no picture: waiting for a camera since noon"
    ):
        control_socket.take_snapshot(tmp_path)


def test_without_a_frame_in_time_the_answer_is_that_reason(
    serve: Callable[..., Snapshots], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_server, "FRAME_TIMEOUT", 0.05)
    serve(Now("", ""))
    with pytest.raises(NotRunningError, match=r"no frame was recorded within 0\.05 s"):
        control_socket.take_snapshot(tmp_path)


def test_a_picture_that_cannot_be_made_does_not_stop_the_recording(
    serve: Callable[..., Snapshots], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(_frame: object) -> bytes:
        raise MemoryError("no room")

    monkeypatch.setattr(snapshots, "encode_jpeg", fail)
    serve(Now("", ""), small_format())
    with pytest.raises(NotRunningError, match="the picture could not be made: no room"):
        control_socket.take_snapshot(tmp_path)
    monkeypatch.undo()
    assert control_socket.take_snapshot(tmp_path)[0]


def test_a_client_that_goes_away_or_asks_nonsense_does_no_harm(
    serve: Callable[..., Snapshots], tmp_path: Path
) -> None:
    serve(Now("", ""), small_format())
    for request in (b"", b"shutdown\n", b"snapshot\n", b"\xff" * 1000):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(tmp_path / control_socket.NAME))
            client.sendall(request)
    assert control_socket.take_snapshot(tmp_path)[0]


def test_a_daemon_is_alive_while_it_serves_its_socket(
    serve: Callable[..., Snapshots], tmp_path: Path
) -> None:
    assert not control_socket.is_alive(tmp_path / "none")
    assert not control_socket.is_alive(tmp_path)
    with socket.socket(socket.AF_UNIX) as dead:
        dead.bind(str(tmp_path / control_socket.NAME))
        dead.listen()
    assert not control_socket.is_alive(tmp_path)
    serve(Now("", ""))
    assert control_socket.is_alive(tmp_path)
    modes = [
        stat.S_IMODE((tmp_path / name).stat().st_mode)
        for name in (control_socket.OWNER_NAME, control_socket.NAME)
    ]
    assert modes == [0o600, 0o660]


def test_a_user_without_access_to_the_socket_of_the_owner_asks_by_the_other(
    serve: Callable[..., Snapshots], tmp_path: Path
) -> None:
    serve(Now("", ""), small_format())
    (tmp_path / control_socket.OWNER_NAME).unlink()
    assert control_socket.is_alive(tmp_path)
    assert control_socket.take_snapshot(tmp_path)[0]


def test_a_closed_server_leaves_no_socket(tmp_path: Path) -> None:
    server = ControlServer(tmp_path, Snapshots(), lambda: Now("", ""))
    server.close()
    server._thread.join(30)
    assert not server._thread.is_alive()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NotRunningError, match="does not answer"):
        control_socket.take_snapshot(tmp_path)


def test_a_path_may_be_longer_than_an_address(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 40)
    server = ControlServer(folder, Snapshots(), lambda: Now("", ""))
    assert control_socket.is_alive(folder)
    server.close()


def test_the_answer_states_its_size(serve: Callable[..., Snapshots], tmp_path: Path) -> None:
    serve(Now("", ""), small_format())
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / control_socket.NAME))
        client.sendall(b"snapshot\n")
        received = b"".join(iter(lambda: client.recv(4096), b""))
    header, _, jpeg = received.partition(b"\n")
    assert json.loads(header) == {"size": len(jpeg), "veil": ""}
    assert jpeg.startswith(b"\xff\xd8")


@contextlib.contextmanager
def clients(folder: Path, count: int) -> Iterator[list[socket.socket]]:
    """So many clients of one user that only connect."""
    with contextlib.ExitStack() as stack:
        yield [stack.enter_context(connect(folder)) for _ in range(count)]


def connect(folder: Path) -> socket.socket:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(30)
    client.connect(str(folder / control_socket.NAME))
    return client


def test_idle_clients_do_not_keep_the_owner_out(
    serve: Callable[..., Snapshots], tmp_path: Path
) -> None:
    serve(Now("", ""), small_format())
    with clients(tmp_path, 100) as idle:
        assert control_socket.is_alive(tmp_path)
        assert control_socket.take_snapshot(tmp_path)[0]
        # The oldest have had to go.
        assert idle[0].recv(1) == b""


@pytest.mark.parametrize("request_part", [b"", b"snap"])
def test_a_request_must_come_in_time(
    serve: Callable[..., Snapshots],
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    request_part: bytes,
) -> None:
    monkeypatch.setattr(control_clients, "REQUEST_TIMEOUT", 0.1)
    serve(Now("", ""), small_format())
    with connect(tmp_path) as client:
        client.sendall(request_part)
        assert client.recv(1) == b""


def test_a_request_that_comes_slowly_has_one_deadline_in_all(
    serve: Callable[..., Snapshots], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_clients, "REQUEST_TIMEOUT", 0.3)
    serve(Now("", ""), small_format())
    with connect(tmp_path) as client, pytest.raises(BrokenPipeError):
        for _ in range(1000):
            client.sendall(b" ")
            time.sleep(0.02)


def test_a_request_that_is_too_long_ends_the_connection(
    serve: Callable[..., Snapshots], tmp_path: Path
) -> None:
    serve(Now("", ""), small_format())
    with connect(tmp_path) as client:
        client.sendall(b"x" * control_server.LONGEST_REQUEST)
        assert client.recv(1) == b""


def test_a_client_that_does_not_read_its_answer_is_dropped_and_delays_nobody(
    serve: Callable[..., Snapshots], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_clients, "ANSWER_TIMEOUT", 0.5)
    large = bytes(4_000_000)
    monkeypatch.setattr(snapshots, "encode_jpeg", lambda _frame: large)
    serve(Now("", ""), small_format())
    with connect(tmp_path) as slow:
        slow.sendall(b"snapshot\n")
        for _ in range(3):
            assert control_socket.take_snapshot(tmp_path) == (large, "")
        time.sleep(1)
        received = b"".join(iter(lambda: slow.recv(1 << 16), b""))
        assert 0 < len(received) < len(large)


def test_a_client_that_has_ended_its_side_still_gets_the_answer(
    serve: Callable[..., Snapshots], tmp_path: Path
) -> None:
    serve(Now("", ""), small_format())
    with connect(tmp_path) as client:
        client.sendall(b"snapshot\n")
        client.shutdown(socket.SHUT_WR)
        assert b"\n\xff\xd8" in b"".join(iter(lambda: client.recv(4096), b""))


def test_clients_that_ask_at_once_all_get_a_picture(
    serve: Callable[..., Snapshots], tmp_path: Path
) -> None:
    serve(Now("", ""), small_format())
    with clients(tmp_path, control_clients.MOST_PER_USER) as asking:
        for client in asking:
            client.sendall(b"snapshot\n")
        for client in asking:
            assert b"\n\xff\xd8" in b"".join(iter(lambda: client.recv(4096), b""))  # noqa: B023


FLOOD = """
import os, socket, sys
os.setgroups([])
os.setgid(65534)
os.setuid(65534)
held = []
print("begun", flush=True)
while True:
    client = socket.socket(socket.AF_UNIX)
    client.settimeout(1)
    try:
        client.connect(sys.argv[1])
    except OSError:
        pass
    held = [*held[-200:], client]
"""


@pytest.mark.skipif(os.geteuid() != 0, reason="only root can become another user")
def test_a_flood_by_another_user_does_not_keep_the_owner_out() -> None:
    with tempfile.TemporaryDirectory() as name:
        folder = Path(name)
        pictures = Snapshots()
        server = ControlServer(folder, pictures, lambda: Now("", ""))
        recording = Recording(pictures, small_format())
        folder.chmod(0o755)
        (folder / control_socket.NAME).chmod(0o666)
        flood = subprocess.Popen(
            [sys.executable, "-I", "-c", FLOOD, str(folder / control_socket.NAME)],
            stdout=subprocess.PIPE,
        )
        try:
            assert flood.stdout is not None
            assert flood.stdout.readline() == b"begun\n"
            time.sleep(0.5)
            for _ in range(5):
                assert control_socket.is_alive(folder)
                assert control_socket.take_snapshot(folder)[0]
            assert flood.poll() is None
        finally:
            flood.kill()
            flood.communicate()
            recording.end()
            server.close()
