"""Reads cameras on a Raspberry Pi's own connector, with picamera2."""

import importlib
from dataclasses import replace
from fractions import Fraction
from typing import cast

from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.errors import AnoncamError, CameraError
from anoncam.events.event import LOGGER
from anoncam.frames.frame import FrameFormat, Layout
from anoncam.sources.background_call import BackgroundCall
from anoncam.sources.base_source import BaseSource
from anoncam.sources.dropping_queue import DroppingQueue
from anoncam.sources.picamera2_api import Camera, Job, Library, Request, StreamConfiguration
from anoncam.sources.picamera2_capture import RequestCapture, explain
from anoncam.sources.silence import Silence
from anoncam.sources.stream_clock import StreamClock

LORES_WIDTH = 640
"""Pixels across the lores picture, which the camera makes for the detector beside a larger one."""

OPEN_TIMEOUT = 10.0
"""Seconds within which the camera must be set up."""

SILENCE = 3.0
"""Seconds without a frame after which the camera counts as lost."""

_CLOSE_TIMEOUT = 2.0
_POLL = 0.1
_BUFFERS = 6
_LAYOUTS = {"YUV420": Layout.I420, "NV12": Layout.NV12}
_COLORS = {
    # range, colorspace, primaries, transfer: libav's numbers for libcamera's colour spaces
    "Rec709": (1, 1, 1, 1),
    "SMPTE170M": (1, 6, 6, 6),
    "Rec2020": (1, 9, 9, 14),
    "sYCC": (2, 5, 1, 13),
}


def import_library() -> Library:
    """Import the module `picamera2`, which comes with Raspberry Pi OS.

    Raises:
        CameraError: it is not installed, or does not fit the installed numpy or libcamera.
    """
    try:
        return cast(Library, importlib.import_module("picamera2"))
    except ModuleNotFoundError as error:
        raise CameraError(
            f"picamera2 cannot be used: {error}", "apt install python3-picamera2"
        ) from error
    except Exception as error:
        # Its binary parts raise all kinds of errors if numpy or libcamera is of another version.
        raise CameraError(
            f"picamera2 cannot be used: {error}", "reinstall python3-picamera2"
        ) from error


class Picamera2Source(BaseSource):
    """The first camera on the board, in YUV420 or NV12.

    The format is the one that the camera chose. A camera wider than `LORES_WIDTH` also gives a
    lores picture for the detector. Presentation times follow the sensor's clock while that can be
    true.

    Raises:
        CameraError: no library, no camera, or it cannot be set up.
        StoppedError: the stop was requested meanwhile.
    """

    live = True

    def __init__(
        self,
        width: int,
        height: int,
        frame_rate: Fraction,
        *,
        clock: Clock,
        stop: Stop,
        silence: float,
        rotation: int = 0,
        library: Library | None = None,
    ) -> None:
        super().__init__(stop, clock)
        self._library = library or import_library()
        self._jobs: DroppingQueue[Job] = DroppingQueue(1)
        self._silence = Silence(silence)
        self._requested = False
        self._camera: Camera | None = None
        self._wanted = (width, height, frame_rate)
        try:
            number, model = self._find()
            self.description = f"picamera2 camera {number} ({model})"
            self._camera = BackgroundCall(
                lambda: self._library.Picamera2(number), self.description
            ).result(OPEN_TIMEOUT, stop)
            BackgroundCall(self._set_up, self.description).result(OPEN_TIMEOUT, stop)
            self.format = replace(self._describe(self._camera), rotation=rotation)
        except AnoncamError:
            self.close()
            raise
        except Exception as error:
            self.close()
            raise CameraError(
                f"the camera cannot be set up: {explain(error)}", "check its cable"
            ) from error
        self._stream_clock = StreamClock(self.description)

    def _find(self) -> tuple[int, str]:
        found = self._library.Picamera2.global_camera_info()
        # libcamera lists USB cameras too, but in formats that cannot be used here. V4L2 reads them.
        own = [camera for camera in found if "/usb" not in str(camera.get("Id", ""))]
        if not own:
            raise CameraError(
                "picamera2 finds no camera", "check its cable, and `rpicam-hello --list-cameras`"
            )
        return int(str(own[0].get("Num", 0))), str(own[0].get("Model", "unknown"))

    def _set_up(self) -> None:
        camera = cast(Camera, self._camera)
        width, height, frame_rate = self._wanted
        interval = round(1_000_000 / frame_rate)
        small = (
            {"size": _small_size(width, height), "format": "YUV420"}
            if width > LORES_WIDTH
            else None
        )
        configuration = camera.create_video_configuration(
            main={"size": (width, height), "format": "YUV420"},
            lores=cast("dict[str, object] | None", small),
            controls={"FrameDurationLimits": (interval, interval)},
            buffer_count=_BUFFERS,
        )
        camera.configure(configuration)
        camera.start()

    def _describe(self, camera: Camera) -> FrameFormat:
        configuration = camera.camera_configuration()
        colors = _COLORS.get(str(configuration.get("colour_space")), (0, 2, 2, 2))
        lores = configuration.get("lores")
        small = (
            None
            if lores is None
            else self._describe_stream(cast(StreamConfiguration, lores), colors)
        )
        main = self._describe_stream(cast(StreamConfiguration, configuration["main"]), colors)
        return replace(main, lores=small)

    def _describe_stream(
        self, stream: StreamConfiguration, colors: tuple[int, int, int, int]
    ) -> FrameFormat:
        layout = _LAYOUTS.get(str(stream["format"]))
        if layout is None:
            raise CameraError(
                f"{self.description} gives pictures in {stream['format']}, which cannot be used"
            )
        width, height = cast("tuple[int, int]", stream["size"])
        stride = cast(int, stream["stride"])
        return FrameFormat(width, height, stride, layout, self._wanted[2], 0, *colors)

    def _read(self) -> RequestCapture | None:
        try:
            camera = cast(Camera, self._camera)
            if not self._requested:
                camera.capture_request(wait=False, signal_function=self._jobs.put)
                self._requested = True
            job = self._wait()
            return None if job is None else self._capture(camera.wait(job))
        except CameraError:
            raise
        except Exception as error:
            raise CameraError(f"{self.description} has gone: {explain(error)}") from error

    @property
    def silence(self) -> float:
        """Seconds that may pass now without a picture before the camera counts as lost."""
        return self._silence.seconds

    def _wait(self) -> Job | None:
        seconds = self._silence.seconds
        deadline = self._clock.monotonic() + round(seconds * NANOSECONDS)
        while not self._ended:
            job = self._jobs.take(_POLL)
            if job is not None:
                self._requested = False
                return job
            if self._clock.monotonic() > deadline:
                raise CameraError(f"{self.description} has delivered no picture for {seconds:g} s")
        return None

    def _capture(self, request: Request) -> RequestCapture:
        try:
            stamp = cast("int | None", request.get_metadata().get("SensorTimestamp"))
            arrival = self._clock.monotonic()
            self._silence.end(arrival)
            time = self._stream_clock.next(arrival, stamp)
            return RequestCapture(request, time, self._library, self._handle)
        except BaseException:
            request.release()
            raise

    def _release(self) -> None:
        if self._camera is None:
            return
        try:
            BackgroundCall(self._camera.close, "closing the camera").result(_CLOSE_TIMEOUT)
        except Exception as error:
            # A camera that has gone may fail to close.
            LOGGER.debug("%s: %s", self.description, explain(error))


def _small_size(width: int, height: int) -> tuple[int, int]:
    return LORES_WIDTH, round(height * LORES_WIDTH / width / 2) * 2
