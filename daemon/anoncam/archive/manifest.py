"""What a run has written, so that the same command goes on where it was ended."""

import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path

from pydantic import TypeAdapter

from anoncam.archive.one_file import FileResult
from anoncam.archive.work_folder import Identity
from anoncam.errors import RunningError
from anoncam.recording.whole_file import storage_errors

NAME = "manifest.jsonl"


@dataclass(frozen=True)
class Stamp:
    """By what a file is recognised without reading it."""

    size: int
    changed: int
    """Nanoseconds since 1970."""

    @staticmethod
    def of(path: Path) -> "Stamp | None":
        """The stamp of a file; None if there is none."""
        try:
            status = path.stat()
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

    def is_of(self, source: Path, settings: str) -> bool:
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
        return Stamp.of(Path(self.target)) == self.output


_ENTRY = TypeAdapter(Entry)


class Manifest:
    """The entries of a run, one JSON object a line; the last one of a target counts.

    A line that a power cut has torn, or that cannot be, is passed over: its file is done anew.
    """

    def __init__(self, folder: Path) -> None:
        self._path = folder / NAME
        self.entries: dict[str, Entry] = {}
        if self._path.exists():
            with storage_errors(self._path):
                lines = self._path.read_text(errors="replace").splitlines()
            for line in lines:
                try:
                    entry = _ENTRY.validate_json(line, strict=True)
                except ValueError:
                    continue
                self.entries[entry.target] = entry

    def add(self, entry: Entry) -> None:
        """Write an entry down, before anything else is done.

        Raises:
            StorageError: the disk failed.
        """
        self.entries[entry.target] = entry
        with storage_errors(self._path), self._path.open("a") as file:
            # A torn line must not spoil this one.
            file.write("\n" + json.dumps(asdict(entry)) + "\n")
            file.flush()
            os.fsync(file.fileno())


@contextmanager
def alone_in(folder: Path) -> Iterator[None]:
    """Keep other runs out of the folder, which is made if it is missing.

    Raises:
        RunningError: another run uses it.
        StorageError: it cannot be made.
    """
    with storage_errors(folder):
        folder.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folder, os.O_RDONLY | os.O_CLOEXEC)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise RunningError(
                f"another anoncam works in {folder}", "wait for it, or choose another output"
            ) from None
        yield
    finally:
        os.close(descriptor)


def hash_of(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
