"""The file of a segment while it is written, called `.part` until it is finished."""

import contextlib
import errno
import hashlib
import os
from dataclasses import replace
from pathlib import Path

from anoncam.files.file_system_calls import lock, open_in, sync_file, sync_folder, unlock
from anoncam.segments.segment_name import SegmentName


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
        flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
        self._descriptor = open_in(folder, self._path.name, flags, device)
        try:
            lock(self._descriptor, self._path, wait=False)
            sync_folder(folder)
            # Some file systems give a file another identity each time.
            self._has_identity = self._is_present()
        except OSError:
            self._close()
            with contextlib.suppress(OSError):
                self._path.unlink()
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
        sync_file(self._descriptor, self._path, data_only=True)
        self._check_presence()
        self.size += len(data)
        self._digest.update(data)

    def finish(self) -> None:
        """Give the file its final name and close it; without a fragment, delete it."""
        try:
            if self.size:
                sync_file(self._descriptor, self._path)
                self._check_presence()
                self._path.rename(self._folder / str(self.final))
            else:
                self._path.unlink()
            sync_folder(self._folder)
        finally:
            self._close()

    def cut(self) -> None:
        """Finish with the fragments that were appended whole, after an append failed."""
        try:
            if self.size:
                os.ftruncate(self._descriptor, self.size)
        except OSError:
            self._close()
            raise
        self.finish()

    def _check_presence(self) -> None:
        # Writes to an open file succeed even if its folder is deleted or its disk is detached.
        if not self._is_present() and self._has_identity:
            raise FileNotFoundError(errno.ENOENT, os.strerror(errno.ENOENT), str(self._path))

    def _is_present(self) -> bool:
        """Whether the path leads to the open file.

        Raises:
            FileNotFoundError: it leads nowhere.
        """
        return os.path.samestat(os.fstat(self._descriptor), self._path.stat())

    def _close(self) -> None:
        unlock(self._descriptor)
        os.close(self._descriptor)
