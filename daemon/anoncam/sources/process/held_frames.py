"""The child's decoded frames, each with a ticket, and the parent's memory into which they go."""

import mmap
import os
import threading
from collections.abc import Callable, Iterable
from typing import Any

import av
import numpy as np

from anoncam.frames.frame import FrameFormat, Picture, lay_out
from anoncam.sources.process.replies import DONE, Reply


class HeldFrames:
    """Frames that the parent has not dropped yet; `copy_picture` copies one into the pool."""

    def __init__(
        self, frame_format: FrameFormat, copy_picture: Callable[[av.VideoFrame, Picture], None]
    ) -> None:
        self._format = frame_format
        self._copy_picture = copy_picture
        self._lock = threading.Lock()
        self._tickets = 0
        self._held: dict[int, av.VideoFrame] = {}
        self._memories: dict[int, tuple[int, mmap.mmap]] = {}

    def hold(self, picture: av.VideoFrame) -> int:
        """Hold a frame, and return its ticket."""
        with self._lock:
            self._tickets += 1
            self._held[self._tickets] = picture
            return self._tickets

    def drop(self, tickets: Iterable[int]) -> None:
        """Give buffers back to the decoder."""
        with self._lock:
            for ticket in tickets:
                del self._held[ticket]

    def copy(self, request: dict[str, Any], descriptors: list[int]) -> Reply:
        """Copy the frame of a ticket to a place in the parent's memory."""
        self.drop(request["dropped"])
        size, offset = self._format.size, int(request["offset"])
        area = self._map(int(request["memory"]), descriptors, offset + size)
        buffer = np.frombuffer(area, np.uint8, size, offset)
        target = lay_out(buffer.reshape(self._format.rows, self._format.stride), self._format)
        self._copy_picture(self._held[request["ticket"]], target)
        return DONE

    def _map(self, memory: int, descriptors: list[int], end: int) -> mmap.mmap:
        """Map a memory of the parent at its first use, and again after it has grown."""
        if descriptors:
            self._memories[memory] = os.dup(descriptors[0]), mmap.mmap(descriptors[0], 0)
        descriptor, area = self._memories[memory]
        if end > len(area):
            area = mmap.mmap(descriptor, 0)
            self._memories[memory] = descriptor, area
        return area
