"""Locked memory for frames, which another process may map, to decode into it."""

import fcntl
import itertools
import mmap
import os
import weakref
from dataclasses import dataclass

import numpy as np

from anoncam.frames.frame import FrameFormat, Plane
from anoncam.frames.locked_memory import lock

# Constants of linux/fcntl.h.
_F_ADD_SEALS, _F_SEAL_SHRINK = 1033, 2

_AT_ONCE = 16
"""Pictures that are mapped together."""

_numbers = itertools.count()


class SharedMemory:
    """Memory without a name that only grows; `number` tells it from all others of this process.

    Whoever has the descriptor cannot cut it off: that would end the others at their next access.
    """

    def __init__(self) -> None:
        self.number = next(_numbers)
        self.descriptor = os.memfd_create("anoncam-frames", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
        weakref.finalize(self, os.close, self.descriptor)
        fcntl.fcntl(self.descriptor, _F_ADD_SEALS, _F_SEAL_SHRINK)
        self._begin = self._used = 0
        self._area: mmap.mmap | bytes = b""

    def take(self, picture_format: FrameFormat) -> tuple["Place", Plane]:
        """Add room for a picture: where it is, and its buffer of shape (rows, stride).

        Raises:
            OSError: there is not enough memory.
            MemoryLockError: it could be swapped to a disk.
        """
        size = -(-picture_format.size // mmap.PAGESIZE) * mmap.PAGESIZE
        if self._used + size > len(self._area):
            self._map(size * _AT_ONCE)
        part = memoryview(self._area)[self._used : self._used + picture_format.size]
        place = Place(self, self._begin + self._used)
        lock(part)
        self._used += size
        rows, stride = picture_format.rows, picture_format.stride
        return place, np.frombuffer(part, np.uint8).reshape(rows, stride)

    def _map(self, size: int) -> None:
        # A page that nobody has touched takes no memory. Each mapping takes a descriptor.
        begin = self._begin + len(self._area)
        os.ftruncate(self.descriptor, begin + size)
        self._area = mmap.mmap(self.descriptor, size, offset=begin)
        self._area.madvise(mmap.MADV_DONTDUMP)
        self._begin, self._used = begin, 0


@dataclass(frozen=True)
class Place:
    """Where in a memory a picture begins, in bytes."""

    memory: SharedMemory
    offset: int
