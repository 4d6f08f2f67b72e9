"""The adapter of picamera2, on the simulated camera."""

import itertools
import threading
from fractions import Fraction

import pytest

from anoncam.clock import NANOSECONDS, Stop
from anoncam.errors import CameraError
from anoncam.frames.frame import Layout
from anoncam.frames.pool import FramePool
from anoncam.sources import picamera2
from anoncam.sources.picamera2 import Picamera2Source
from anoncam.sources.simulated_picamera2 import SimulatedCamera, SimulatedLibrary
from tests.support.frames import FakeClock


class HastyClock(FakeClock):
    """A clock that goes on by a second whenever it is looked at."""

    def monotonic(self) -> int:
        self.advance(1)
        return self.nanoseconds


def open_camera(
    camera: SimulatedCamera,
    *,
    size: tuple[int, int] = (1280, 720),
    attached: bool = True,
    rotation: int = 0,
    clock: FakeClock | None = None,
) -> Picamera2Source:
    library = SimulatedLibrary(camera, attached=attached)
    return Picamera2Source(
        *size,
        Fraction(30),
        silence=5,
        clock=clock or HastyClock(),
        stop=Stop(),
        library=library,
        rotation=rotation,
    )


def test_the_format_is_the_one_that_the_camera_chose() -> None:
    with open_camera(SimulatedCamera(), size=(1000, 600), rotation=180) as source:
        main, lores = source.format, source.format.lores
    assert (main.width, main.height, main.stride, main.layout) == (1000, 600, 1024, Layout.I420)
    assert (main.rotation, main.frame_rate) == (180, Fraction(30))
    assert (main.color_range, main.colorspace, main.color_primaries, main.color_trc) == (1, 1, 1, 1)
    assert lores is not None
    assert (lores.width, lores.height, lores.stride) == (640, 384, 640)


def test_a_small_camera_picture_needs_no_smaller_one() -> None:
    with open_camera(SimulatedCamera(), size=(640, 480)) as source:
        assert source.format.lores is None


def test_the_footage_goes_by_the_sensors_clock() -> None:
    camera = SimulatedCamera(first_timestamp=5 * NANOSECONDS)
    with open_camera(camera, clock=FakeClock()) as source:
        stamps = []
        for _ in range(3):
            capture = source.read()
            assert capture is not None
            stamps.append(capture.time.presentation)
            capture.close()
    steps = [later - earlier for earlier, later in itertools.pairwise(stamps)]
    assert steps == pytest.approx([33_333_000] * 2, rel=0.05)


def test_closing_a_capture_gives_its_buffers_back_at_once() -> None:
    camera = SimulatedCamera()
    with open_camera(camera) as source:
        for _ in range(20):
            capture = source.read()
            assert capture is not None
            assert camera.lent == 1
            capture.close()
            assert camera.lent == 0


def test_the_camera_is_closed_only_when_no_buffer_is_lent() -> None:
    camera = SimulatedCamera()
    source = open_camera(camera)
    capture = source.read()
    assert capture is not None
    source.close()
    assert not camera.closed
    capture.close()
    assert camera.closed


def test_a_camera_that_hangs_is_lost() -> None:
    camera = SimulatedCamera()
    with open_camera(camera) as source:
        camera.hang()
        with pytest.raises(CameraError, match="has delivered no picture"):
            source.read()


def test_a_camera_that_was_slow_once_delivers_the_requested_frame_later() -> None:
    camera = SimulatedCamera()
    with open_camera(camera) as source:
        camera.hang()
        with pytest.raises(CameraError):
            source.read()
        camera.resume()
        capture = source.read()
        assert capture is not None
        capture.close()
        assert camera.lent == 0


def test_an_unplugged_camera_is_lost_and_still_closes() -> None:
    camera = SimulatedCamera()
    with open_camera(camera) as source:
        camera.unplug()
        with pytest.raises(CameraError, match="has gone: Camera frontend has timed out"):
            source.read()
    assert camera.closed


def test_an_error_of_the_camera_reaches_a_reader_in_another_thread() -> None:
    camera = SimulatedCamera()
    caught: list[BaseException] = []
    with open_camera(camera) as source:

        def read() -> None:
            try:
                while (capture := source.read()) is not None:
                    capture.close()
            except CameraError as error:
                caught.append(error)

        thread = threading.Thread(target=read)
        thread.start()
        camera.unplug()
        thread.join()
    assert len(caught) == 1


def test_usb_cameras_are_not_used_by_picamera2() -> None:
    with pytest.raises(CameraError, match="finds no camera"):
        open_camera(SimulatedCamera(), attached=False)


def test_a_format_that_cannot_be_used_is_named_and_the_camera_is_closed() -> None:
    class Odd(SimulatedCamera):
        def camera_configuration(self) -> dict[str, object]:
            return {"main": {"format": "MJPEG", "size": (1280, 720), "stride": 0}, "lores": None}

    camera = Odd()
    with pytest.raises(CameraError, match="gives pictures in MJPEG"):
        open_camera(camera)
    assert camera.closed


def test_a_camera_whose_setup_fails_is_closed() -> None:
    class Broken(SimulatedCamera):
        def start(self) -> None:
            raise RuntimeError("Failed to start camera")

    camera = Broken()
    with pytest.raises(CameraError, match="cannot be set up: Failed to start camera"):
        open_camera(camera)
    assert camera.closed


def test_a_buffer_that_is_too_short_raises_an_error() -> None:
    camera = SimulatedCamera()
    with open_camera(camera) as source:
        pool = FramePool(source.format, 1)
        frame = pool.acquire()
        assert frame is not None
        capture = source.read()
        assert capture is not None
        camera.handed_out[-1].buffers["main"] = camera.handed_out[-1].buffers["main"][:1000]
        with pytest.raises(CameraError, match="main picture cannot be read"):
            capture.copy_into(frame)
        capture.close()


def test_without_the_library_the_error_names_what_to_install(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def missing(name: str) -> None:
        raise ModuleNotFoundError(f"No module named {name!r}")

    with (
        monkeypatch.context() as patch,
        pytest.raises(CameraError, match="apt install python3-picamera2"),
    ):
        patch.setattr("importlib.import_module", missing)
        picamera2.import_library()


def test_a_library_that_does_not_fit_its_numpy_raises_a_camera_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def incompatible(name: str) -> None:
        raise ValueError("numpy.dtype size changed")

    with monkeypatch.context() as patch, pytest.raises(CameraError, match="size changed"):
        patch.setattr("importlib.import_module", incompatible)
        picamera2.import_library()
