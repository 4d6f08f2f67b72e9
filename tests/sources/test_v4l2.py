"""The V4L2 source, on a container with real packets and the pauses of a driver between them."""

from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import pytest
from av.container import InputContainer
from av.video.stream import VideoStream

from anoncam.clock import Stop
from anoncam.errors import CameraError, StoppedError
from anoncam.frames.pool import FramePool
from anoncam.sources.v4l2 import V4l2Source
from anoncam.sources.v4l2_nodes import Node
from tests.support.clips import equal, make_clip, samples
from tests.support.frames import FakeClock

NODE = Node(Path("/dev/video0"), "HD Webcam", ("YUYV",))


class Driver:
    """A container that raises EAGAIN before each packet, like a device that never blocks."""

    def __init__(self, path: Path, last: int = 10**6, damaged: int = -1) -> None:
        self._container = av.open(str(path))
        self._source = self._container.demux(self._container.streams.video[0])
        self._last = last
        self._damaged = damaged
        self._given = 0
        self._ready = False
        self.streams = self._container.streams
        self.closed = False
        self.lending = False
        self.options: dict[str, str] = {}

    def __call__(self, address: str, options: dict[str, str]) -> InputContainer:
        self.options = {"address": address, **options}
        return cast(InputContainer, self)

    def demux(self, _: VideoStream) -> "Iterator[av.Packet[VideoStream]]":
        while True:
            if not self._ready or self._given == self._last:
                self._ready = True
                raise av.BlockingIOError(11, "Resource temporarily unavailable")
            self._ready = False
            packet = next(self._source)
            if not packet.size:
                raise av.OSError(19, "No such device")
            self._given += 1
            if self._given - 1 == self._damaged:
                packet = cast("av.Packet[VideoStream]", av.Packet(0))
                packet.stream = self.streams.video[0]
            # While it stands here, libav's own iterator holds the packet too.
            self.lending = True
            try:
                yield packet
            finally:
                self.lending = False

    def close(self) -> None:
        assert not self.lending, "closed while a packet is in the driver's memory"
        self.closed = True


class PolledStop(Stop):
    """A stop whose waits move the clock instead of taking time."""

    def __init__(self, clock: FakeClock) -> None:
        super().__init__()
        self._clock = clock

    def wait(self, seconds: float) -> bool:
        self._clock.advance(seconds)
        return self.requested


def raw_clip(folder: Path, start: int = 0) -> Path:
    times = [start, start + 33_000, start + 66_000, start + 99_000]
    return make_clip(
        folder / "camera.nut", "rawvideo", times=times, time_base=Fraction(1, 1_000_000), rate=30
    )


def open_camera(driver: Driver, stop: Stop | None = None) -> V4l2Source:
    clock = FakeClock()
    stop = stop or PolledStop(clock)
    return V4l2Source(
        NODE,
        "yuyv422",
        1280,
        720,
        Fraction(30),
        silence=5,
        clock=clock,
        stop=stop,
        rotation=90,
        opener=driver,
    )


def test_the_device_is_asked_for_what_the_settings_want_and_never_to_block(tmp_path: Path) -> None:
    driver = Driver(raw_clip(tmp_path))
    with open_camera(driver) as source:
        assert source.description == "/dev/video0 (HD Webcam)"
        assert (source.format.width, source.format.height, source.format.rotation) == (96, 64, 90)
    assert driver.options == {
        "address": "/dev/video0",
        "video_size": "1280x720",
        "framerate": "30",
        "input_format": "yuyv422",
        "fflags": "+4",
    }


def test_the_flag_for_not_blocking_is_known_to_libav(tmp_path: Path) -> None:
    with av.open(str(raw_clip(tmp_path)), container_options={"fflags": "+4"}) as container:
        assert container.flags & 0x0004


def test_frames_carry_the_kernels_timestamps_and_the_pictures_to_the_sample(tmp_path: Path) -> None:
    seen = []
    with open_camera(Driver(raw_clip(tmp_path, start=5_000_000))) as source:
        pool = FramePool(source.format, 1)
        for number in range(4):
            frame = pool.acquire()
            capture = source.read()
            assert frame is not None
            assert capture is not None
            capture.copy_into(frame)
            capture.close()
            assert equal((frame.luma, *frame.chroma), samples(96, 64, number))
            seen.append(frame.presentation)
            pool.release(frame)
    assert [round((time - seen[0]) / 33_000_000, 1) for time in seen] == [0, 1, 2, 3]


def test_a_picture_that_the_driver_calls_damaged_is_left_out(tmp_path: Path) -> None:
    with open_camera(Driver(raw_clip(tmp_path), damaged=1)) as source:
        stamps = []
        for _ in range(3):
            capture = source.read()
            assert capture is not None
            stamps.append(capture.time.presentation)
            capture.close()
    assert [round((stamp - stamps[0]) / 33_000_000, 1) for stamp in stamps] == [0, 2, 3]


def test_a_camera_that_falls_silent_is_lost(tmp_path: Path) -> None:
    with open_camera(Driver(raw_clip(tmp_path), last=2)) as source:
        for _ in range(2):
            capture = source.read()
            assert capture is not None
            capture.close()
        with pytest.raises(
            CameraError, match=r"/dev/video0 \(HD Webcam\) has delivered no picture for 5 s"
        ):
            source.read()


def test_a_node_that_never_delivers_is_closed_and_raises_a_camera_error(tmp_path: Path) -> None:
    driver = Driver(raw_clip(tmp_path), last=0)
    with pytest.raises(CameraError, match="has delivered no picture"):
        open_camera(driver)
    assert driver.closed


def test_a_camera_that_is_pulled_out_is_lost(tmp_path: Path) -> None:
    with open_camera(Driver(raw_clip(tmp_path))) as source:
        for _ in range(4):
            capture = source.read()
            assert capture is not None
            capture.close()
        with pytest.raises(CameraError, match="has gone: no such device"):
            source.read()


def test_the_device_stays_open_until_the_frame_in_its_memory_is_given_back(tmp_path: Path) -> None:
    driver = Driver(raw_clip(tmp_path))
    source = open_camera(driver)
    capture = source.read()
    assert capture is not None
    source.close()
    assert not driver.closed
    capture.close()
    assert driver.closed


def test_the_stop_ends_the_opening_of_a_silent_camera(tmp_path: Path) -> None:
    driver = Driver(raw_clip(tmp_path), last=0)
    stop = Stop()
    stop.request()
    with pytest.raises(StoppedError):
        open_camera(driver, stop)
    assert driver.closed


@pytest.mark.parametrize(
    ("error", "message"),
    [
        (av.OSError(16, "Device or resource busy"), "another program uses it"),
        (av.ExitError(1414092869, "Immediate exit requested"), "delivers no picture"),
        (av.PermissionError(13, "Permission denied"), "permission denied"),
    ],
)
def test_a_device_that_does_not_open_raises_a_camera_error(
    error: av.FFmpegError, message: str
) -> None:
    def refuse(address: str, options: dict[str, str]) -> InputContainer:
        raise error

    with pytest.raises(CameraError, match=message):
        V4l2Source(
            NODE,
            "yuyv422",
            1280,
            720,
            Fraction(30),
            silence=5,
            clock=FakeClock(),
            stop=Stop(),
            opener=refuse,
        )


def test_libav_refuses_a_file_that_is_no_device(tmp_path: Path) -> None:
    path = tmp_path / "video0"
    path.touch()
    with pytest.raises(CameraError, match="cannot be opened"):
        V4l2Source(
            Node(path),
            "yuyv422",
            1280,
            720,
            Fraction(30),
            silence=5,
            clock=FakeClock(),
            stop=Stop(),
        )
