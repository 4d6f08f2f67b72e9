"""What a run has written, so that the same command goes on where it was ended."""

import fcntl
import hashlib
import json
import os
import stat
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from anoncam.archive.one_file import FileResult
from anoncam.archive.work_folder import Identity
from anoncam.errors import RunningError, StorageError
from anoncam.recording.whole_file import storage_errors
from anoncam.sources.opened_place import opened
from anoncam.stores.place import Place, place_of
from anoncam.stores.remote_file import RemoteFile

NAME = "manifest.jsonl"

_MODE = 0o755
_WRITTEN_BY_OTHERS = stat.S_IWGRP | stat.S_IWOTH

OBJECTS = "done"
"""The folder of a store in which each entry is an object of its own."""


@dataclass(frozen=True)
class Stamp:
    """By what a file is recognised without reading it."""

    size: int
    changed: int
    """Nanoseconds since 1970; of a file in a store, a number made of what the store says of it."""

    @staticmethod
    def of(place: Place) -> "Stamp | None":
        """The stamp of a file; None if there is none.

        Raises:
            StoreError: its store refuses, or cannot be reached.
        """
        if not isinstance(place, Path):
            known = place.size_and_state()
            return None if known is None else Stamp(*known)
        try:
            status = place.stat()
        except OSError:
            return None
        return Stamp(status.st_size, status.st_mtime_ns)


@dataclass(frozen=True)
class Entry:
    """An output, the input that it was made of, and the result."""

    target: str
    input: Stamp
    identity: Identity
    output: Stamp
    result: FileResult
    exit_code: int

    def is_of(self, source: Place, settings: str) -> bool:
        """Whether it was made of `source`, as it is now, with these settings.

        A file whose stamp has changed is read to compare its content.
        """
        if self.identity.settings != settings:
            return False
        stamp = Stamp.of(source)
        return stamp == self.input or (
            stamp is not None
            and stamp.size == self.identity.size
            and hash_of(source) == self.identity.sha256
        )

    def has_output(self) -> bool:
        """Whether the output is still as it was written."""
        return Stamp.of(place_of(self.target)) == self.output


_ENTRY = TypeAdapter(Entry)


class Manifest:
    """The entries of a run, one JSON object a line; the last one of a target counts.

    A line that a power cut has torn, or that cannot be, is passed over: its file is done anew. In a
    store each entry is an object of its own, since nothing can be added to one.
    """

    def __init__(self, folder: Place) -> None:
        self._folder = folder
        self.entries: dict[str, Entry] = {}
        for line in _lines(folder):
            try:
                entry = _ENTRY.validate_json(line, strict=True)
            except ValueError:
                continue
            self.entries[entry.target] = entry

    def add(self, entry: Entry) -> None:
        """Write an entry down, before anything else is done.

        Raises:
            StorageError: the disk failed.
            StoreError: the store refuses, or cannot be reached.
        """
        self.entries[entry.target] = entry
        if not isinstance(self._folder, Path):
            put_entry(self._folder, entry)
            return
        text = json.dumps(asdict(entry))
        path = self._folder / NAME
        with storage_errors(path), path.open("a") as file:
            # A torn line must not spoil this one.
            file.write(f"\n{text}\n")
            file.flush()
            os.fsync(file.fileno())

    def remove(self) -> None:
        """Delete it, and the folder if nothing else is in it."""
        if isinstance(self._folder, Path):
            (self._folder / NAME).unlink()
            self._folder.rmdir()
        else:
            (self._folder / OBJECTS).remove()


def put_entry(folder: RemoteFile, entry: Entry) -> None:
    """Write an entry of a run in a store, which any machine may do.

    Raises:
        StoreError: the store refuses, or cannot be reached.
    """
    file = folder / OBJECTS / f"{place_name(entry.target)}.json"
    file.write_bytes(json.dumps(asdict(entry)).encode())


def place_name(target: str) -> str:
    """What belongs to a target is called so: the same in each run, whatever other files it has."""
    return hashlib.sha256(os.fsencode(target)).hexdigest()[:16]


def _lines(folder: Place) -> list[str]:
    if not isinstance(folder, Path):
        return [data.decode(errors="replace") for data in (folder / OBJECTS).contents()]
    path = folder / NAME
    if not path.exists():
        return []
    with storage_errors(path):
        return path.read_text(errors="replace").splitlines()


@contextmanager
def alone_in(folder: Place) -> Iterator[None]:
    """Keep other runs out of the folder, which is made if it is missing.

    A store has no locks: there, two runs do the same work twice.

    Raises:
        RunningError: another run uses it.
        StorageError: it cannot be made, or another user can write to it.
    """
    if not isinstance(folder, Path):
        yield
        return
    with storage_errors(folder):
        folder.mkdir(_MODE, parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        facts = os.fstat(descriptor)
        if facts.st_uid != os.geteuid() or facts.st_mode & _WRITTEN_BY_OTHERS:
            # What is in it decides which faces are covered.
            raise StorageError(
                f"other users can write to {folder}",
                "delete it, or choose an output in a folder that is yours alone",
            )
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunningError(
                f"another anoncam works in {folder}", "wait for it, or choose another output"
            ) from None
        yield
    finally:
        os.close(descriptor)


def hash_of(place: Place) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with opened(place) as media, media.open() as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
