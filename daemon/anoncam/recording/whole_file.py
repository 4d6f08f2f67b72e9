"""A file that appears under its name only once it is whole."""

import contextlib
import glob
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

import av

from anoncam.errors import StorageError
from anoncam.files.file_system_calls import rename_to_new, sync_file, sync_folder
from anoncam.stores.place import Place

_NEW = os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW | os.O_CLOEXEC


class WholeFile:
    """A hidden temporary file beside `path`; `commit` renames it and `abort` deletes it.

    Raises:
        StorageError: `path` exists and `force` is false, or its folder is missing.
    """

    def __init__(self, path: Path, *, force: bool) -> None:
        self.path = path
        self.temporary = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
        self._force = force
        if not path.parent.is_dir():
            raise StorageError(f"{path.parent} is not a folder", "make it first")
        self._check_absence()

    def create(self, mode: int = 0o666) -> None:
        """Make the temporary file, empty; whatever somebody has put in its place is not followed.

        Raises:
            OSError: it cannot be made, or something is there.
        """
        os.close(os.open(self.temporary, _NEW, mode))

    def write(self, *pieces: bytes | memoryview, mode: int = 0o666) -> None:
        """Make the temporary file, and write all of it, piece by piece.

        Raises:
            StorageError: the disk failed.
        """
        with (
            storage_errors(self.path),
            os.fdopen(os.open(self.temporary, _NEW, mode), "wb") as file,
        ):
            for piece in pieces:
                file.write(piece)

    def commit(self) -> None:
        """Give the whole file its name.

        Raises:
            StorageError: the disk failed, or another file has taken the name.
        """
        with storage_errors(self.path):
            # CIFS only syncs files that are open for writing.
            descriptor = os.open(self.temporary, os.O_RDWR | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                sync_file(descriptor, self.path)
            finally:
                os.close(descriptor)
            if self._force:
                self.temporary.replace(self.path)
            else:
                self._check_absence()
                rename_to_new(self.temporary, self.path)
            sync_folder(self.path.parent)

    def abort(self) -> None:
        """Delete the temporary file; idempotent."""
        with storage_errors(self.path):
            self.temporary.unlink(missing_ok=True)

    def _check_absence(self) -> None:
        if not self._force and os.path.lexists(self.path):
            raise StorageError(
                f"{self.path} exists", "choose another name, or overwrite it with --force"
            )


def remove_remains(path: Path) -> None:
    """Delete what was not completed of `path`, when nobody else writes it any more."""
    with storage_errors(path):
        for remains in path.parent.glob(f".{glob.escape(path.name)}.*.part"):
            remains.unlink(missing_ok=True)


@contextlib.contextmanager
def storage_errors(path: Place) -> Iterator[None]:
    """Turn errors of the disk and the encoder into a StorageError that names `path`."""
    try:
        yield
    except StorageError:
        raise
    except MemoryError as error:
        # libav's is an OSError too, and the disk is not to blame.
        raise StorageError(
            f"there is not enough memory to write {path}", "scale it down, or end other programs"
        ) from error
    except (OSError, av.FFmpegError) as error:
        raise StorageError(
            f"{path} cannot be written: {error.strerror or error}", "free or change the disk"
        ) from error
