"""Files that libav writes and reads by a name, where they are in a store: covered footage only.

What is read of the input is never among them.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from anoncam.clock import Stop
from anoncam.errors import StoppedError, StorageError
from anoncam.recording.whole_file import WholeFile, remove_remains
from anoncam.stores.place import Place


@contextmanager
def to_write(place: Place, *, force: bool, stop: Stop) -> Iterator[Path]:
    """A name for what is to be written; for a store, that of a temporary file, which is uploaded.

    If nothing is written, nothing is uploaded.

    Raises:
        StorageError: it is in a store, is there already, and `force` is false.
        StoppedError: the stop was requested before it was uploaded.
    """
    if isinstance(place, Path):
        yield place
        return
    check_free(place, force=force)
    with TemporaryDirectory(prefix="anoncam-") as folder:
        local = Path(folder) / place.name
        yield local
        if local.exists():
            if stop.requested:
                raise StoppedError("stopped")
            check_free(place, force=force)
            place.upload(local)


@contextmanager
def to_read(place: Place) -> Iterator[Path]:
    """A name of what is covered already; of a store, that of a temporary copy."""
    if isinstance(place, Path):
        yield place
        return
    with TemporaryDirectory(prefix="anoncam-") as folder:
        local = Path(folder) / place.name
        place.download(local)
        yield local


def check_free(place: Place, *, force: bool) -> None:
    """Check that a file may be written there.

    Raises:
        StorageError: there is one, and `force` is false; or its folder is missing.
    """
    if isinstance(place, Path):
        WholeFile(place, force=force)
    elif not force and place.exists():
        raise StorageError(f"{place} exists", "choose another name, or overwrite it with --force")


def write_whole(place: Place, data: bytes) -> None:
    """Write a file, whole or not at all; another one of that name is replaced.

    Raises:
        StorageError: the disk failed.
        StoreError: the store refuses, or cannot be reached.
    """
    if isinstance(place, Path):
        output = WholeFile(place, force=True)
        output.write(data)
        output.commit()
    else:
        place.write_bytes(data)


def remove_unfinished(place: Place) -> None:
    """Delete what was not completed of a file, when nobody else writes it any more."""
    if isinstance(place, Path):
        remove_remains(place)
    else:
        for remains in place.remains():
            remains.remove()
