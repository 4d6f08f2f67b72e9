"""The frame pool: a limited number of buffers, locked in memory and used over and over."""

import math
import sys
import threading
import time
from collections import deque

from anoncam.clock import Stop
from anoncam.errors import MemoryLockError
from anoncam.frames.frame import Frame, FrameFormat, lay_out
from anoncam.frames.shared_memory import SharedMemory


class FramePool:
    """Hands out frames and takes them back.

    It has `count` of them from the start, and grows to at most `most`.

    >>> pool = FramePool(tight(64, 48), 2)
    >>> frame = pool.acquire()
    >>> pool.release(frame)
    """

    def __init__(self, frame_format: FrameFormat, count: int, *, most: int | None = None) -> None:
        self.format = frame_format
        self.count = count
        self._most = count if most is None else most
        self._condition = threading.Condition()
        self._memory = SharedMemory()
        self._frames = [self._make() for _ in range(count)]
        self._free = deque(self._frames)
        self._in_use: set[Frame] = set()
        # Released, but libav may still read them.
        self._lent: list[Frame] = []
        self._references = sys.getrefcount(self._frames[0].buffer) if count else 0

    def _make(self) -> Frame:
        small = self.format.lores
        place, buffer = self._memory.take(self.format)
        picture = lay_out(buffer, self.format)
        lores = None if small is None else lay_out(self._memory.take(small)[1], small)
        return Frame(self.format, picture.buffer, picture.luma, picture.chroma, lores, place=place)

    def grow(self) -> bool:
        """Add a frame, if the pool may have more; false at its limit or that of locked memory."""
        if self.count >= self._most:
            return False
        try:
            frame = self._make()
        except (MemoryLockError, OSError):
            # What cannot be locked must not hold a raw picture.
            self._most = self.count
            return False
        with self._condition:
            self._frames.append(frame)
            self._free.append(frame)
            self.count += 1
            self._condition.notify()
        return True

    def acquire(self) -> Frame | None:
        """A free frame, or None when all are in use."""
        with self._condition:
            return self._take()

    def wait(self, stop: Stop, timeout: float = math.inf) -> Frame | None:
        """Wait for a free frame; None after a stop request or `timeout` seconds."""
        deadline = time.monotonic() + timeout
        with self._condition:
            while not stop.requested:
                frame = self._take()
                left = deadline - time.monotonic()
                if frame is not None or left <= 0:
                    return frame
                self._condition.wait(min(left, 0.1))
        return None

    def release(self, frame: Frame) -> None:
        """Give `frame` back. It is free as soon as no codec refers to its buffer any more.

        Raises:
            ValueError: it is not in use; two users of one frame would record raw pixels.
        """
        with self._condition:
            if frame not in self._in_use:
                raise ValueError("a frame was given back that is not in use")
            self._in_use.remove(frame)
            self._lent.append(frame)
            self._condition.notify()

    @property
    def free(self) -> int:
        """How many frames could be acquired now."""
        with self._condition:
            self._reclaim()
            return len(self._free)

    def _take(self) -> Frame | None:
        self._reclaim()
        if not self._free:
            return None
        frame = self._free.popleft()
        self._in_use.add(frame)
        return frame

    def _reclaim(self) -> None:
        # libav holds a reference to the numpy array for as long as it may read the pixels: an
        # encoder that keeps a frame back must not find the next raw picture in it.
        lent = [frame for frame in self._lent if sys.getrefcount(frame.buffer) > self._references]
        self._free.extend(frame for frame in self._lent if frame not in lent)
        self._lent = lent
