"""USB cameras, by libav's own V4L2 in a confined process; the driver alone is one of the tests."""

import errno
import time
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path

import pytest

from anoncam.clock import Clock, Stop, SystemClock
from anoncam.errors import CameraError, StoppedError
from anoncam.frames.pool import FramePool
from anoncam.sources import stream_source, v4l2
from anoncam.sources.v4l2 import V4l2Source
from anoncam.sources.v4l2_nodes import Node
from tests.support.clips import equal, samples
from tests.support.fake_camera import FakeCamera, encoded
from tests.support.frames import FakeClock

pytestmark = pytest.mark.integration

SIZE = (96, 64)
LIBAVS = {"YU12": "yuv420p", "YUYV": "yuyv422", "MJPG": "mjpeg", "H264": "h264"}


@pytest.fixture
def camera(tmp_path: Path) -> Iterator[FakeCamera]:
    with FakeCamera(tmp_path) as made:
        yield made


def open_camera(
    camera: FakeCamera,
    stop: Stop | None = None,
    silence: float = 20,
    clock: Clock | None = None,
) -> V4l2Source:
    return V4l2Source(
        camera.node,
        LIBAVS[camera.node.formats[0]],
        1280,
        720,
        Fraction(50),
        silence=silence,
        clock=clock or SystemClock(),
        stop=stop or Stop(),
        rotation=90,
        opener=camera.open,
    )


def test_the_driver_is_asked_for_what_the_settings_want_and_may_give_another_size(
    camera: FakeCamera,
) -> None:
    with open_camera(camera) as source:
        assert source.description == f"{camera.path} (HD Webcam)"
        assert (source.format.width, source.format.height, source.format.rotation) == (96, 64, 90)
    knobs = camera.knobs
    assert knobs.wanted_format.to_bytes(4, "little") == b"YU12"
    assert (knobs.wanted_width, knobs.wanted_height) == (1280, 720)
    assert (knobs.wanted_numerator, knobs.wanted_denominator) == (1, 50)


def test_frames_carry_the_kernels_timestamps_and_the_pictures_to_the_sample(
    camera: FakeCamera,
) -> None:
    # The clock of the arrival stands still, so the kernel's alone is seen.
    camera.knobs.step_us = 2000
    seen, numbers = [], []
    with open_camera(camera, clock=FakeClock()) as source:
        pool = FramePool(source.format, 1)
        for _ in range(4):
            frame = pool.acquire()
            capture = source.read()
            assert frame is not None
            assert capture is not None
            capture.copy_into(frame)
            capture.close()
            numbers.append(int(frame.luma[0, 0]))
            assert equal((frame.luma, *frame.chroma), samples(*SIZE, numbers[-1]))
            seen.append(frame.presentation)
            pool.release(frame)
    steps = [round((time - seen[0]) / 2_000_000, 2) for time in seen]
    assert steps == [number - numbers[0] for number in numbers]


@pytest.mark.parametrize(
    ("code", "codec", "pix_fmt"),
    [
        ("YUYV", "rawvideo", "yuyv422"),
        ("MJPG", "mjpeg", "yuvj422p"),
        ("H264", "libx264", "yuv420p"),
    ],
)
def test_what_cameras_send_is_decoded(tmp_path: Path, code: str, codec: str, pix_fmt: str) -> None:
    pictures = encoded(codec, pix_fmt)
    with FakeCamera(tmp_path, code, SIZE, pictures) as camera, open_camera(camera) as source:
        pool = FramePool(source.format, 1)
        for _ in range(4):
            frame = pool.acquire()
            capture = source.read()
            assert frame is not None
            assert capture is not None
            capture.copy_into(frame)
            capture.close()
            luma = samples(*SIZE, 0)[0].astype(int)
            # JPEG loses a little, and each picture is lighter by one.
            assert abs(frame.luma.astype(int) - luma).max() < 20
            pool.release(frame)


def test_a_picture_that_the_driver_calls_damaged_is_left_out_and_counted(
    camera: FakeCamera,
) -> None:
    camera.knobs.damaged_after = 3
    with open_camera(camera) as source:
        frame = FramePool(source.format, 1).acquire()
        assert frame is not None
        seen: list[int] = []
        while not seen or seen[-1] < 6:
            capture = source.read()
            assert capture is not None
            capture.copy_into(frame)
            capture.close()
            seen.append(int(frame.luma[0, 0]))
        assert source.damaged == 1
    assert 3 not in seen


def test_a_picture_that_cannot_be_decoded_is_left_out_and_counted(tmp_path: Path) -> None:
    pictures = encoded("mjpeg", "yuvj422p")
    pictures[3] = bytes(len(pictures[3]))
    with FakeCamera(tmp_path, "MJPG", SIZE, pictures) as camera, open_camera(camera) as source:
        while not source.damaged:
            capture = source.read()
            assert capture is not None
            capture.close()


def test_a_camera_that_changes_the_size_of_its_pictures_is_lost(tmp_path: Path) -> None:
    pictures = [*encoded("mjpeg", "yuvj422p"), *encoded("mjpeg", "yuvj422p", (192, 128))]
    with (
        FakeCamera(tmp_path, "MJPG", SIZE, pictures) as camera,
        open_camera(camera) as source,
        pytest.raises(CameraError, match="sends 192x128 pixels now"),
    ):
        read_on(source)


def read_on(source: V4l2Source) -> None:
    while (capture := source.read()) is not None:
        capture.close()


def test_of_pictures_that_nobody_reads_the_newest_are_kept_and_the_driver_gets_on(
    camera: FakeCamera,
) -> None:
    with open_camera(camera) as source:
        # More than the driver has buffers, and more than may wait.
        while camera.knobs.given < 40 or not source.lost:
            time.sleep(0.01)
        camera.knobs.silent = 1
        frame = FramePool(source.format, 1).acquire()
        assert frame is not None
        seen: list[int] = []
        while not seen or seen[-1] != (camera.knobs.given - 1) % 50:
            capture = source.read()
            assert capture is not None
            capture.copy_into(frame)
            capture.close()
            seen.append(int(frame.luma[0, 0]))
    assert seen[0] > 1


def test_a_camera_that_falls_silent_is_lost(camera: FakeCamera) -> None:
    with open_camera(camera, silence=0.5) as source:
        camera.knobs.silent = 1
        with pytest.raises(CameraError, match=r"video0 \(HD Webcam\) has sent no picture for"):
            read_on(source)


@pytest.mark.parametrize("code", ["YU12", "MJPG"])
def test_a_camera_that_never_delivers_is_closed_and_raises_a_camera_error(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, code: str
) -> None:
    # Of a JPEG, libav wants to see one before it is open: it hangs there, and is killed.
    monkeypatch.setattr(v4l2, "FIRST_FRAME", 0.5)
    with FakeCamera(tmp_path, code) as camera:
        camera.knobs.silent = 1
        with pytest.raises(CameraError, match="has sent no picture"):
            open_camera(camera)
        assert camera.is_free


def test_a_camera_that_is_pulled_out_is_lost(camera: FakeCamera) -> None:
    with open_camera(camera) as source:
        camera.knobs.gone = 1
        with pytest.raises(CameraError, match="has gone: no such device"):
            read_on(source)


def test_the_device_stays_open_until_the_frame_in_its_memory_is_given_back(
    camera: FakeCamera,
) -> None:
    source = open_camera(camera)
    capture = source.read()
    assert capture is not None
    source.close()
    assert not camera.is_free
    capture.close()
    assert camera.is_free


def test_a_picture_in_the_drivers_memory_is_good_after_the_camera_was_pulled_out(
    camera: FakeCamera,
) -> None:
    with open_camera(camera) as source:
        frame = FramePool(source.format, 1).acquire()
        capture = source.read()
        assert frame is not None
        assert capture is not None
        camera.knobs.gone = 1
        with pytest.raises(CameraError):
            read_on(source)
        capture.copy_into(frame)
        capture.close()
    assert equal((frame.luma, *frame.chroma), samples(*SIZE, int(frame.luma[0, 0])))


def test_a_camera_can_be_opened_again_at_once(camera: FakeCamera) -> None:
    for _ in range(3):
        with open_camera(camera) as source:
            capture = source.read()
            assert capture is not None
            capture.close()


def test_where_seccomp_is_missing_libav_opens_the_device_itself(
    camera: FakeCamera, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stream_source, "_WORKER", "tests.support.stream_without_seccomp")
    with open_camera(camera) as source:
        capture = source.read()
        assert capture is not None
        capture.close()


def test_the_stop_ends_the_opening_of_a_silent_camera(camera: FakeCamera) -> None:
    camera.knobs.silent = 1
    stop = Stop()
    stop.request()
    with pytest.raises(StoppedError):
        open_camera(camera, stop)
    assert camera.is_free


@pytest.mark.parametrize(
    ("number", "message"),
    [
        (errno.EBUSY, "cannot be opened: another program uses it"),
        (errno.EIO, "cannot be opened: input/output error"),
    ],
)
def test_a_device_that_a_driver_refuses_raises_a_camera_error(
    camera: FakeCamera, number: int, message: str
) -> None:
    camera.knobs.refusal = number
    with pytest.raises(CameraError, match=message):
        open_camera(camera)
    assert camera.is_free


@pytest.mark.parametrize("path", ["absent", "file", "/dev/null"])
def test_what_is_no_camera_raises_a_camera_error(tmp_path: Path, path: str) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(CameraError, match="cannot be opened"):
        V4l2Source(
            Node(tmp_path / path),
            "yuyv422",
            1280,
            720,
            Fraction(30),
            silence=5,
            clock=SystemClock(),
            stop=Stop(),
        )
