"""Runs anoncam on the real picamera2 with libcamera's virtual camera, inside a container.

The daemon and its adapter are those that ship. What is put in here stands between picamera2 and
libcamera, where a Pi has hardware: buffers without a DMA heap, one pixel format, a sensor's pace.
"""

# ruff: noqa: ANN401 -- picamera2 has no types

import mmap
import os
import threading
import time
from collections.abc import Mapping
from typing import Any

import libcamera
import picamera2
import picamera2.picamera2 as inner
from picamera2.allocators.allocator import Allocator
from picamera2.request import CompletedRequest

from anoncam.cli.main import main

_BUFFERS = 16
"""With fewer, the virtual camera comes to a stop."""

_INTERVAL = 100_000_000
"""Nanoseconds from one picture to the next: the virtual camera itself knows no pace."""

_METADATA = CompletedRequest.get_metadata


class _Mapped:
    """A buffer's memory as a context manager, left without arguments too."""

    def __init__(self, memory: mmap.mmap) -> None:
        self._memory = memory

    def __enter__(self) -> mmap.mmap:
        return self._memory

    def __exit__(self, *_: object) -> None:
        return


class MemoryAllocator(Allocator):  # type: ignore[misc]
    """Buffers in anonymous memory."""

    def __init__(self) -> None:
        super().__init__()
        self.sync = self._map
        self._maps: dict[object, mmap.mmap] = {}
        self._buffers: dict[object, list[object]] = {}

    def allocate(self, libcamera_config: Any, _: object) -> None:
        """Allocate the buffers of all streams."""
        self.close()
        for stream in libcamera_config:
            self._buffers[stream.stream] = [self._buffer(stream) for _ in range(_BUFFERS)]

    def buffers(self, stream: object) -> list[object]:
        """Those of one stream."""
        return self._buffers[stream]

    def close(self) -> None:
        """Let go of all."""
        self._maps, self._buffers = {}, {}

    def _buffer(self, stream: Any) -> object:
        file = os.memfd_create("camera")
        os.ftruncate(file, stream.frame_size)
        luma = stream.stride * stream.size.height
        planes = []
        for offset, length in ((0, luma), (luma, stream.frame_size - luma)):
            plane = libcamera.FrameBuffer.Plane()
            plane.fd, plane.offset, plane.length = file, offset, length
            planes.append(plane)
        buffer = libcamera.FrameBuffer(planes)
        self._maps[buffer] = mmap.mmap(file, stream.frame_size)
        os.close(file)
        return buffer

    def _map(self, allocator: object, buffer: object, write: bool) -> _Mapped:
        return _Mapped(self._maps[buffer])


class PacedCamera(inner.Picamera2):  # type: ignore[misc]
    """Gives NV12 for the YUV420 that it is asked for, and pictures at the pace of a sensor, with
    its timestamps."""

    def __init__(self, camera_num: int) -> None:
        self._requests: list[Any] = []
        self._waiting: list[Any] = []
        self._due = 0
        self._pause = threading.Event()
        super().__init__(camera_num, allocator=MemoryAllocator())
        self._requestslock = threading.RLock()

    def create_video_configuration(self, **asked: Any) -> Any:
        """The configuration, in the one format there is."""
        for name in ("main", "lores"):
            if asked.get(name):
                asked[name] = {**asked[name], "format": "NV12"}
        return super().create_video_configuration(**(asked | {"buffer_count": _BUFFERS}))

    def process_requests(self, display: object) -> None:
        """Pass on one picture when it is due, and keep the others."""
        self._pause.wait((self._due - time.monotonic_ns()) / 1e9)
        # Held throughout, so that what comes meanwhile waits too.
        with self._requestslock:
            self._waiting, self._requests = self._waiting + self._requests, []
            if self._waiting:
                self._requests.append(self._waiting.pop(0))
                self._due = self._requests[0].stamp = (
                    max(self._due, time.monotonic_ns()) + _INTERVAL
                )
            super().process_requests(display)
        if self._waiting:
            self._run_process_requests()

    def stop_(self, request: object = None) -> object:
        """Let what waits go too."""
        self._requests, self._waiting = self._waiting + self._requests, []
        return super().stop_(request)

    def _get_raw_modes(self) -> list[dict[str, object]]:
        return [{"format": "NV12", "size": (1280, 720)}]


def stamped(request: Any) -> Mapping[str, object]:
    """What libcamera reports of a picture, with a sensor's timestamp."""
    return {**_METADATA(request), "SensorTimestamp": request.stamp}


if __name__ == "__main__":
    CompletedRequest.get_metadata = stamped
    # Closing the camera makes one anew.
    inner.DmaAllocator = MemoryAllocator
    picamera2.Picamera2 = PacedCamera
    main()
