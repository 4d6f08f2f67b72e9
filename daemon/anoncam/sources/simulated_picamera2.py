"""A simulation of a Raspberry Pi's camera, for tests and for trying things out without one.

It takes the place of the module `picamera2`. Rows are padded as on a Pi. Buffers are few, and one
is free again only when its request is released. The camera can be made to hang, and be unplugged
while it runs.

>>> library = SimulatedLibrary()
>>> clock, stop = SystemClock(), Stop()
>>> source = Picamera2Source(1280, 720, Fraction(30), clock=clock, stop=stop, library=library)
>>> library.camera.hang()
"""

# ruff: noqa: ARG002, N802 -- the names and the signatures are picamera2's

import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import TracebackType
from typing import Self, cast

import numpy as np

from anoncam.frames.frame import FrameFormat, Layout, Plane, lay_out
from anoncam.sources.picamera2_api import Configuration, Job, Request

ALIGNMENT = 64
"""A Pi pads a row of luma to a multiple of this many bytes."""


@dataclass(eq=False)
class SimulatedRequest:
    """The buffers of one exposure."""

    camera: "SimulatedCamera"
    buffers: dict[str, Plane]
    timestamp: int
    released: bool = False

    def get_metadata(self) -> Mapping[str, object]:
        """Return the sensor's timestamp in nanoseconds."""
        return {"SensorTimestamp": self.timestamp}

    def release(self) -> None:
        """Give the buffers back to the camera.

        Raises:
            RuntimeError: they were given back before.
        """
        if self.released:
            raise RuntimeError("released twice")
        self.released = True
        self.camera.take_back(self)


@dataclass(eq=False)
class SimulatedJob:
    """A request that is not complete yet."""

    signal_function: Callable[[Job], None]
    result: SimulatedRequest | Exception | None = None


@dataclass(eq=False)
class SimulatedMapping:
    """The whole buffer of one stream, as a context manager."""

    array: Plane

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Leave the buffer as it is."""


@dataclass(eq=False)
class SimulatedCamera:
    """Draws a new picture into one of its few buffers; every sample depends on its number."""

    layout: Layout = Layout.I420
    first_timestamp: int = 1_000_000_000
    count: int = 0
    lent: int = 0
    closed: bool = False
    handed_out: list[SimulatedRequest] = field(default_factory=list)

    def __post_init__(self) -> None:
        self._lock = threading.Lock()
        self._configuration: dict[str, object] = {}
        self._interval = 0
        self._buffers = 0
        self._waiting: list[SimulatedJob] = []
        self._hanging = False
        self._unplugged = False

    def create_video_configuration(
        self,
        *,
        main: dict[str, object],
        lores: dict[str, object] | None,
        controls: dict[str, object],
        buffer_count: int,
    ) -> Configuration:
        """Make what `configure` takes."""
        return {"main": main, "lores": lores, "controls": controls, "buffer_count": buffer_count}

    def configure(self, camera_config: Configuration) -> None:
        """Take the sizes, and choose formats and strides itself, as the real one may."""
        self._buffers = cast(int, camera_config["buffer_count"])
        controls = cast("dict[str, tuple[int, int]]", camera_config["controls"])
        self._interval = controls["FrameDurationLimits"][0] * 1000
        self._configuration = {
            "main": self._adjusted(camera_config["main"]),
            "lores": None
            if camera_config["lores"] is None
            else self._adjusted(camera_config["lores"]),
            "colour_space": "Rec709",
        }

    def camera_configuration(self) -> Configuration:
        """Return the configuration that `configure` chose."""
        return self._configuration

    def start(self) -> None:
        """Begin to give requests."""

    def capture_request(
        self, *, wait: bool, signal_function: Callable[[Job], None]
    ) -> SimulatedJob:
        """Call `signal_function` for the next request: at once, if a buffer is free."""
        job = SimulatedJob(signal_function)
        with self._lock:
            self._waiting.append(job)
        self._serve()
        return job

    def wait(self, job: Job) -> Request:
        """Return the request of a completed job.

        Raises:
            RuntimeError: the camera was unplugged.
        """
        result = cast(SimulatedJob, job).result
        if isinstance(result, SimulatedRequest):
            return result
        raise result or RuntimeError("not complete")

    def take_back(self, request: SimulatedRequest) -> None:
        """Make the buffers of `request` free again."""
        with self._lock:
            self.lent -= 1
        self._serve()

    def close(self) -> None:
        """Close the camera.

        Raises:
            RuntimeError: a request was not released; its buffers would be freed under its user.
        """
        if self.lent:
            raise RuntimeError("closed before all requests were released")
        self.closed = True

    def hang(self) -> None:
        """Complete no more requests, and raise no error."""
        self._hanging = True

    def resume(self) -> None:
        """Complete requests again."""
        self._hanging = False
        self._serve()

    def unplug(self) -> None:
        """Fail from now on."""
        self._unplugged = True
        self._serve()

    def _serve(self) -> None:
        while True:
            with self._lock:
                ready = self._unplugged or not (self._hanging or self.lent >= self._buffers)
                if not self._waiting or not ready:
                    return
                job = self._waiting.pop(0)
                job.result = (
                    RuntimeError("Camera frontend has timed out!")
                    if self._unplugged
                    else self._expose()
                )
            job.signal_function(job)

    def _expose(self) -> SimulatedRequest:
        buffers = {
            name: self._draw(cast("dict[str, object]", stream))
            for name, stream in self._configuration.items()
            if isinstance(stream, dict)
        }
        request = SimulatedRequest(
            self, buffers, self.first_timestamp + self.count * self._interval
        )
        self.handed_out.append(request)
        del self.handed_out[: -self._buffers]
        self.count += 1
        self.lent += 1
        return request

    def _adjusted(self, wanted: object) -> dict[str, object]:
        width, height = cast("dict[str, tuple[int, int]]", wanted)["size"]
        stride = -(-width // ALIGNMENT) * ALIGNMENT
        name = "NV12" if self.layout is Layout.NV12 else "YUV420"
        return {
            "size": (width, height),
            "stride": stride,
            "format": name,
            "framesize": stride * height * 3 // 2,
        }

    def _draw(self, stream: dict[str, object]) -> Plane:
        width, height = cast("tuple[int, int]", stream["size"])
        picture_format = FrameFormat(width, height, cast(int, stream["stride"]), self.layout)
        # The buffers of the driver are whole pages, so longer than the picture. The padding is
        # never black.
        buffer = np.full(-(-picture_format.size // 4096) * 4096, 0xAA, np.uint8)
        picture = lay_out(
            buffer[: picture_format.size].reshape(picture_format.rows, -1), picture_format
        )
        across = (
            np.arange(width, dtype=np.uint16)[None, :] + np.arange(height, dtype=np.uint16)[:, None]
        )
        picture.luma[:] = (across + self.count) & 0xFF
        for index, plane in enumerate(picture.chroma):
            plane[:] = (64 + 100 * index + self.count) & 0xFF
        if self.layout is Layout.NV12:
            picture.chroma[0][..., 1] = (164 + self.count) & 0xFF
        return buffer


class SimulatedLibrary:
    """The module `picamera2` with one camera, or none."""

    def __init__(self, camera: SimulatedCamera | None = None, *, attached: bool = True) -> None:
        self.camera = camera or SimulatedCamera()
        self.Picamera2 = SimulatedClass(self.camera, attached)

    def MappedArray(
        self, request: Request, stream: str, reshape: bool, write: bool
    ) -> SimulatedMapping:
        """Map the buffer of `stream` as it is in memory."""
        return SimulatedMapping(cast(SimulatedRequest, request).buffers[stream])


class SimulatedClass:
    """The class `Picamera2`."""

    def __init__(self, camera: SimulatedCamera, attached: bool) -> None:
        self._camera = camera
        self._attached = attached

    def __call__(self, camera_num: int) -> SimulatedCamera:
        """Open the camera."""
        return self._camera

    def global_camera_info(self) -> list[dict[str, object]]:
        """List the cameras; one by USB is always there, as libcamera lists those too."""
        usb = {"Id": "/base/axi/usb@1/video", "Model": "webcam", "Num": 1}
        own = {"Id": "/base/axi/i2c@1/imx708@1a", "Model": "imx708", "Num": 0}
        return [own, usb] if self._attached else [usb]
