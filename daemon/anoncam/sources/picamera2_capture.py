"""Copies pictures from the buffers of a Raspberry Pi's camera into frames of the pool."""

import numpy as np

from anoncam.errors import CameraError
from anoncam.frames.frame import Frame, FrameTime, Plane
from anoncam.sources.picamera2_api import Library, Request
from anoncam.sources.shared_handle import SharedHandle


class RequestCapture:
    """The buffers of one exposure, lent by the camera until the capture is closed."""

    def __init__(
        self, request: Request, time: FrameTime, library: Library, handle: SharedHandle
    ) -> None:
        self.time = time
        self._request: Request | None = request
        self._library = library
        self._handle = handle
        self._acquired = handle.acquire()

    def copy_into(self, frame: Frame) -> None:
        """Copy the picture, the lores picture and the timestamp into `frame`.

        Raises:
            CameraError: the camera's buffer cannot be read, or is shorter than its format.
        """
        if self._request is None:
            raise ValueError("this capture is closed")
        self._copy(self._request, "main", frame.buffer)
        if frame.lores is not None:
            self._copy(self._request, "lores", frame.lores.buffer)
        frame.stamp(self.time)

    def _copy(self, request: Request, stream: str, target: Plane) -> None:
        try:
            with self._library.MappedArray(request, stream, reshape=False, write=False) as mapped:
                np.copyto(target, mapped.array[: target.size].reshape(target.shape))
        except Exception as error:
            raise CameraError(
                f"the camera's {stream} picture cannot be read: {explain(error)}"
            ) from error

    def close(self) -> None:
        """Give the buffers back to the camera; idempotent."""
        request, self._request = self._request, None
        if request is not None:
            request.release()
        if self._acquired:
            self._acquired = False
            self._handle.release()


def explain(error: Exception) -> str:
    """Return the text of an error of the library, or its kind where it has no text."""
    return str(error) or type(error).__name__
