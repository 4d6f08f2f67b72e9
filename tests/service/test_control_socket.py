import io
import json
import socket
import stat
import threading
from collections.abc import Callable, Iterator
from pathlib import Path

import av
import pytest

from anoncam.errors import NotRunningError
from anoncam.frames.frame import FrameFormat
from anoncam.service import control_socket, snapshots
from anoncam.service.control_socket import ControlServer, Now
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


def test_a_veil_is_told_with_the_picture_without_a_password(
    serve: Callable[..., Snapshots], tmp_path: Path
) -> None:
    serve(Now("", "rtsp://bob:hush@camera/ is not examined"), small_format())
    assert control_socket.take_snapshot(tmp_path)[1] == "rtsp://bob:***@camera/ is not examined"


def test_without_a_camera_the_reason_is_the_answer(
    serve: Callable[..., Snapshots], tmp_path: Path
) -> None:
    serve(Now("waiting for a camera since noon", ""))
    with pytest.raises(
        NotRunningError, match="there is no picture: waiting for a camera since noon"
    ):
        control_socket.take_snapshot(tmp_path)


def test_when_no_frame_comes_that_is_the_answer(
    serve: Callable[..., Snapshots], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(control_socket, "FRAME_WAIT", 0.05)
    serve(Now("", ""))
    with pytest.raises(NotRunningError, match=r"no frame was recorded within 0\.05 s"):
        control_socket.take_snapshot(tmp_path)


def test_a_picture_that_cannot_be_made_stops_no_recording(
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


def test_no_picture_is_made_that_nobody_asked_for(monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[object] = []
    monkeypatch.setattr(snapshots, "encode_jpeg", made.append)
    Snapshots().offer(moving(small_format(), 0))
    assert made == []


def test_a_raw_frame_is_no_snapshot() -> None:
    pictures = Snapshots()
    taken: list[snapshots.Snapshot | None] = []
    thread = threading.Thread(target=lambda: taken.append(pictures.take(30)))
    thread.start()
    raw = moving(small_format(), 0)._frame
    while not taken and thread.is_alive():
        pictures.offer(raw)  # type: ignore[arg-type]
    thread.join()
    assert taken[0] is not None
    assert (taken[0].jpeg, "could not be made" in taken[0].problem) == (b"", True)


def test_a_client_that_goes_away_or_asks_nonsense_does_no_harm(
    serve: Callable[..., Snapshots], tmp_path: Path
) -> None:
    serve(Now("", ""), small_format())
    for request in (b"", b"shutdown\n", b"snapshot\n", b"\xff" * 1000):
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(tmp_path / control_socket.NAME))
            client.sendall(request)
    assert control_socket.take_snapshot(tmp_path)[0]


def test_who_lives_is_told_apart_from_who_has_died_and_who_never_was(
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
    assert stat.S_IMODE((tmp_path / control_socket.NAME).stat().st_mode) == 0o660


def test_a_closed_server_leaves_no_socket(tmp_path: Path) -> None:
    server = ControlServer(tmp_path, Snapshots(), lambda: Now("", ""))
    server.close()
    server._thread.join(30)
    assert not server._thread.is_alive()
    assert list(tmp_path.iterdir()) == []
    with pytest.raises(NotRunningError, match="does not answer"):
        control_socket.take_snapshot(tmp_path)


def test_a_path_longer_than_an_address_may_be_is_no_hindrance(tmp_path: Path) -> None:
    folder = tmp_path / ("long" * 40)
    server = ControlServer(folder, Snapshots(), lambda: Now("", ""))
    assert control_socket.is_alive(folder)
    server.close()


@pytest.mark.parametrize("answer", [b"", b"{}", b'{"size": 100, "veil": ""}\nhalf', b"nonsense\n"])
def test_an_answer_that_breaks_off_is_no_picture(tmp_path: Path, answer: bytes) -> None:
    with socket.socket(socket.AF_UNIX) as listener:
        listener.bind(str(tmp_path / control_socket.NAME))
        listener.listen()

        def reply() -> None:
            client, _ = listener.accept()
            with client:
                client.recv(64)
                client.sendall(answer)

        thread = threading.Thread(target=reply)
        thread.start()
        with pytest.raises(NotRunningError, match="has broken off"):
            control_socket.take_snapshot(tmp_path)
        thread.join()


def test_the_answer_says_its_size(serve: Callable[..., Snapshots], tmp_path: Path) -> None:
    serve(Now("", ""), small_format())
    with socket.socket(socket.AF_UNIX) as client:
        client.connect(str(tmp_path / control_socket.NAME))
        client.sendall(b"snapshot\n")
        received = b"".join(iter(lambda: client.recv(4096), b""))
    header, _, jpeg = received.partition(b"\n")
    assert json.loads(header) == {"size": len(jpeg), "veil": ""}
    assert jpeg.startswith(b"\xff\xd8")
