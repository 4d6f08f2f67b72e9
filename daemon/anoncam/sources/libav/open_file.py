"""A media file that is read by its descriptor alone, so that its reader needs no file system."""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from anoncam.errors import InputError

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK


class OpenFile:
    """A regular file that somebody has opened; `path` is what it is called in messages.

    It has the methods of a path that a reader needs. They leave the place alone from which libav
    reads on.
    """

    def __init__(self, path: Path, descriptor: int) -> None:
        self._path = path
        self.descriptor = descriptor

    @property
    def name(self) -> str:
        """The last part of the path."""
        return self._path.name

    @property
    def size(self) -> int:
        """Bytes."""
        return os.fstat(self.descriptor).st_size

    def open(self) -> BinaryIO:
        """Open it for reading, from its beginning on."""
        return io.BufferedReader(_Reading(self.descriptor))

    def read_bytes(self) -> bytes:
        """Read all of it.

        Raises:
            MemoryError: it is too large.
        """
        data = memoryview(bytearray(self.size))
        place = 0
        while place < len(data) and (count := os.preadv(self.descriptor, [data[place:]], place)):
            place += count
        return bytes(data[:place])

    def __str__(self) -> str:
        return str(self._path)


class _Reading(io.RawIOBase):
    """A reader with a place of its own."""

    def __init__(self, descriptor: int) -> None:
        self._descriptor = descriptor
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._place}
        begin[os.SEEK_END] = os.fstat(self._descriptor).st_size
        self._place = max(0, begin[whence] + offset)
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        count = os.preadv(self._descriptor, [buffer], self._place)
        self._place += count
        return count


def open_regular(path: Path) -> int:
    """Open a regular file for reading, and return its descriptor.

    Raises:
        InputError: there is none, or it is empty.
    """
    try:
        mode = path.stat().st_mode
        # To open a device or a pipe may take long, or have an effect.
        is_regular = stat.S_ISREG(mode)
        descriptor = os.open(path, _FLAGS) if is_regular else -1
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {getattr(error, 'strerror', error)}") from error
    if not is_regular:
        what = "is a folder" if stat.S_ISDIR(mode) else "is not a file"
        raise InputError(f"{path} {what}", "name a video or a picture")
    status = os.fstat(descriptor)
    if stat.S_ISREG(status.st_mode) and status.st_size:
        return descriptor
    os.close(descriptor)
    raise InputError(f"{path} is empty")


@contextmanager
def opened(path: Path) -> Iterator[OpenFile]:
    """Have a regular file open.

    Raises:
        InputError: there is none, or it is empty.
    """
    descriptor = open_regular(path)
    try:
        yield OpenFile(path, descriptor)
    finally:
        os.close(descriptor)
