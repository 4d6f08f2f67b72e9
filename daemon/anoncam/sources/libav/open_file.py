"""A media file that is read by its descriptor alone, so that its reader needs no file system."""

import io
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from anoncam.errors import InputError
from anoncam.stores.place import Place

_FLAGS = os.O_RDONLY | os.O_CLOEXEC | os.O_NOCTTY | os.O_NONBLOCK


class OpenFile:
    """A regular file that somebody has opened; `path` is what it is called in messages.

    It has the methods of a path that a reader needs. They leave the place alone from which libav
    reads on.
    """

    def __init__(self, path: Place, descriptor: int) -> None:
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

    def open(self) -> io.BufferedReader:
        """Open it for reading, from its beginning on."""
        return io.BufferedReader(_Reading(self))

    def read_at(self, count: int, place: int) -> bytes:
        """Read up to `count` bytes from `place` on; none at the end."""
        return os.pread(self.descriptor, count, place)

    def for_libav(self) -> tuple[str | BinaryIO, dict[str, str]]:
        """What libav opens, to read it from the beginning, and the options that it needs for it."""
        # libav reads from where the last reader of the descriptor has stopped.
        os.lseek(self.descriptor, 0, os.SEEK_SET)
        return "fd:", {"fd": str(self.descriptor), "protocol_whitelist": "fd"}

    def read_bytes(self) -> bytes:
        """Read all of it.

        Raises:
            MemoryError: it is too large.
        """
        with self.open() as file:
            return file.read(self.size)

    def __str__(self) -> str:
        return str(self._path)


class _Reading(io.RawIOBase):
    """A reader with a place of its own."""

    def __init__(self, media: OpenFile) -> None:
        self._media = media
        self._place = 0

    def readable(self) -> bool:
        return True

    def seekable(self) -> bool:
        return True

    def seek(self, offset: int, whence: int = os.SEEK_SET) -> int:
        begin = {os.SEEK_SET: 0, os.SEEK_CUR: self._place}
        begin[os.SEEK_END] = self._media.size
        self._place = max(0, begin[whence] + offset)
        return self._place

    def readinto(self, buffer: memoryview) -> int:  # type: ignore[override]
        data = self._media.read_at(len(buffer), self._place)
        buffer[: len(data)] = data
        self._place += len(data)
        return len(data)


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
