"""The file of a segment while it is written, called `.part` until it is finished."""

import errno
import fcntl
import hashlib
import os
from dataclasses import replace
from pathlib import Path

from anoncam.segments.segment_name import SegmentName


def sync_folder(folder: Path) -> None:
    """Make the names in `folder` survive a power cut.

    Raises:
        OSError: the disk failed.
    """
    descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        os.fsync(descriptor)
    except OSError as error:
        # Some network file systems have no such call for folders and need none.
        if error.errno not in {errno.EINVAL, errno.ENOTSUP}:
            raise
    finally:
        os.close(descriptor)


class PartFile:
    """The file of one segment, locked so that no salvage takes it for the leftover of a crash.

    Every method raises OSError when the disk fails; `cut` then still saves the whole fragments.
    `device` is the device number of the disk that the folder must be on.
    """

    def __init__(self, folder: Path, segment: SegmentName, device: int) -> None:
        self.final = replace(segment, finished=True)
        self.size = 0
        self._digest = hashlib.sha256()
        self._folder = folder
        self._path = folder / str(replace(segment, finished=False))
        self._descriptor = _create(folder, self._path.name, device)
        try:
            fcntl.flock(self._descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
            sync_folder(folder)
        except OSError:
            os.close(self._descriptor)
            raise

    @property
    def sha256(self) -> str:
        """The hash of what was appended, in hexadecimal digits."""
        return self._digest.hexdigest()

    def append(self, data: bytes) -> None:
        """Write whole fragments; after the return they survive a power cut."""
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(self._descriptor, rest) :]
        os.fdatasync(self._descriptor)
        self._check_presence()
        self.size += len(data)
        self._digest.update(data)

    def finish(self) -> None:
        """Give the file its final name and close it; without a fragment, delete it."""
        try:
            if self.size:
                os.fsync(self._descriptor)
                self._check_presence()
                self._path.rename(self._folder / str(self.final))
            else:
                self._path.unlink()
            sync_folder(self._folder)
        finally:
            os.close(self._descriptor)

    def cut(self) -> None:
        """Finish with the fragments that were appended whole, after an append failed."""
        try:
            os.ftruncate(self._descriptor, self.size)
        except OSError:
            os.close(self._descriptor)
            raise
        self.finish()

    def _check_presence(self) -> None:
        # Writes to an open file succeed even if its folder is deleted or its disk is detached.
        here, there = os.fstat(self._descriptor), self._path.stat()
        if (here.st_dev, here.st_ino) != (there.st_dev, there.st_ino):
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._path))


def _create(folder: Path, name: str, device: int) -> int:
    """The descriptor of a new file in `folder`, which must be on `device`."""
    opened = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        # The device of the folder counts: in an overlay file system, that of a file is another.
        if os.fstat(opened).st_dev != device:
            raise FileNotFoundError(errno.ENODEV, "the disk has just gone", str(folder))
        return os.open(
            name, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_CLOEXEC, 0o640, dir_fd=opened
        )
    finally:
        os.close(opened)
