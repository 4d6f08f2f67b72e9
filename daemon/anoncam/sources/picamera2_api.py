"""Types for what is used of `picamera2`, which has none. The simulation must fit them too."""

# ruff: noqa: D102, N802 -- the names and their meaning are picamera2's

from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Protocol, Self

from anoncam.frames.frame import Plane

StreamConfiguration = Mapping[str, object]
Configuration = Mapping[str, object]


class Request(Protocol):
    """A completed request: the buffers of one exposure, lent until `release`."""

    def get_metadata(self) -> Mapping[str, object]: ...

    def release(self) -> None: ...


class Job(Protocol):
    """Something that the camera's own thread does."""


class Camera(Protocol):
    """What is used of `picamera2.Picamera2`."""

    def create_video_configuration(
        self,
        *,
        main: dict[str, object],
        lores: dict[str, object] | None,
        controls: dict[str, object],
        buffer_count: int,
    ) -> Configuration: ...

    def configure(self, camera_config: Configuration) -> object: ...

    def camera_configuration(self) -> Configuration: ...

    def start(self) -> None: ...

    def capture_request(self, *, wait: bool, signal_function: Callable[[Job], None]) -> object: ...

    def wait(self, job: Job) -> Request: ...

    def close(self) -> None: ...


class CameraClass(Protocol):
    """The class `picamera2.Picamera2`."""

    def __call__(self, camera_num: int) -> Camera: ...

    def global_camera_info(self) -> list[dict[str, object]]: ...


class Mapped(Protocol):
    """`picamera2.MappedArray` as a context manager; `array` is the whole buffer if not reshaped."""

    array: Plane

    def __enter__(self) -> Self: ...

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None: ...


class Library(Protocol):
    """What is used of the module `picamera2`."""

    @property
    def Picamera2(self) -> CameraClass: ...

    def MappedArray(self, request: Request, stream: str, reshape: bool, write: bool) -> Mapped: ...
