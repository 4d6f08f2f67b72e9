"""The memory by which pictures of a model's input cross to the process that runs the model."""

import fcntl
import math
import mmap
import os
import socket

import numpy as np
from numpy.typing import NDArray

from anoncam.detectors.process.messages import Memory, decode_memory
from anoncam.errors import DetectorError
from anoncam.frames import locked_memory
from anoncam.processes.channel import close_all

# Constants of linux/fcntl.h.
_F_ADD_SEALS, _F_GET_SEALS = 1033, 1034
_SEALS = 1 | 2 | 4
"""F_SEAL_SEAL, F_SEAL_SHRINK and F_SEAL_GROW: the size is for good.

Who reads beyond the end of a memory that another process has cut off is killed.
"""


Pictures = NDArray[np.uint8]
"""Shape (slots, height, width, 3): a mapped and locked memory, until nobody refers to it."""


def share(channel: socket.socket, slots: int, height: int, width: int) -> Pictures:
    """Make a memory for `slots` pictures, and send it.

    Raises:
        DetectorError: there is not enough memory.
        MemoryLockError: it could be swapped to a disk.
        ConnectionError: the other side is gone.
    """
    descriptor = os.memfd_create("anoncam-pictures", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    try:
        try:
            os.ftruncate(descriptor, math.prod((slots, height, width, 3)))
            fcntl.fcntl(descriptor, _F_ADD_SEALS, _SEALS)
        except OSError as error:
            raise _no_memory(error) from error
        pictures = _map(descriptor, slots, height, width)
        socket.send_fds(channel, [Memory(slots).encode()], [descriptor])
    finally:
        os.close(descriptor)
    return pictures


def accept(message: bytes, descriptors: list[int], height: int, width: int) -> Pictures:
    """Map the memory that has come beside `message`, and close its descriptor.

    Raises:
        DetectorError: it is no memory of the right size, or its size could change.
        MemoryLockError: it could be swapped to a disk.
    """
    try:
        slots = decode_memory(message).slots
        if len(descriptors) != 1:
            raise DetectorError(f"{len(descriptors)} descriptors in the place of a memory")
        if not _is_sealed(descriptors[0]):
            raise DetectorError("a memory whose size could change")
        if os.fstat(descriptors[0]).st_size != math.prod((slots, height, width, 3)):
            raise DetectorError("a memory of another size")
        return _map(descriptors[0], slots, height, width)
    finally:
        close_all(descriptors)


def _map(descriptor: int, slots: int, height: int, width: int) -> Pictures:
    try:
        area = mmap.mmap(descriptor, 0)
    except OSError as error:
        raise _no_memory(error) from error
    locked_memory.lock(area)
    return np.frombuffer(area, np.uint8).reshape(slots, height, width, 3)


def _is_sealed(descriptor: int) -> bool:
    try:
        return fcntl.fcntl(descriptor, _F_GET_SEALS) & _SEALS == _SEALS
    except OSError:
        # It is a file or a socket.
        return False


def _no_memory(error: OSError) -> DetectorError:
    return DetectorError(f"there is no memory for the detector's pictures: {error.strerror}")
