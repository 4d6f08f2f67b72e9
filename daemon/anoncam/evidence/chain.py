"""The chain on the disk: records are only appended, in two files of limited size."""

import os
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import BinaryIO

from anoncam.evidence import record_contents
from anoncam.evidence.key_file import Signers
from anoncam.evidence.records import ORIGIN, Kind, Record, key_after, line, link, parse
from anoncam.evidence.signing_key import SigningKey
from anoncam.files.file_system_calls import lock, open_in, sync_file, sync_folder, unlock
from anoncam.files.regular_file import open_regular

NAMES = ("evidence.1.jsonl", "evidence.jsonl")
"""The older file and the newer one."""

LARGEST = 32 << 20
"""Bytes of one file. Both files hold the records of 16,000 to 33,000 segments: 55 to 110 days, at
five minutes each."""

_TAILS = (64 << 10, 4 << 20)
"""Bytes at the end of a file in which its last whole record is looked for. A power cut tears no
more than was written at once."""

_LONGEST_LINE = 1 << 20
"""Bytes; what is longer is no record."""

WRITTEN = ("written", "software")
"""The keys that say when and by what a record was written."""


class Chain:
    """Appends records to the chain in a folder.

    It keeps nothing in memory and always goes on from what is on the disk. Every method raises
    OSError when the disk fails. Then all of the records have been appended, or none.
    """

    def __init__(self, folder: Path, *, largest: int = LARGEST) -> None:
        self._folder = folder
        self._older, self._newer = (folder / name for name in NAMES)
        self._largest = largest

    def head(self) -> Record | None:
        """The last whole record."""
        return last_record(self._newer) or last_record(self._older)

    def append(
        self,
        contents: Sequence[Mapping[str, object]],
        device: int | None = None,
        signers: Signers | None = None,
    ) -> list[Record]:
        """Append `contents` as records in one write; after the return they survive a power cut.

        With `device`, the folder must be on that device. With `signers`, the records are signed; a
        key that is not yet in force in the chain is introduced by a record before them.
        """
        descriptor = self._open(device)
        try:
            if os.fstat(descriptor).st_size >= self._largest:
                descriptor = self._rotate(descriptor, device, signers)
            records = self._linked(contents, descriptor, signers)
            self._write(descriptor, records)
        finally:
            _close(descriptor)
        return records

    def _linked(
        self, contents: Sequence[Mapping[str, object]], newer: int, signers: Signers | None
    ) -> list[Record]:
        """The records of `contents`; each carries the number of the newest segment so far."""
        # On CIFS, a locked file can only be read by the descriptor that locked it.
        with os.fdopen(os.dup(newer), "rb") as file:
            head = _last_record(file) or last_record(self._older)
        number, previous, newest = (
            (head["record"], head["hash"], head["newest_segment"]) if head else (0, ORIGIN, 0)
        )
        key = signers.key if signers else None
        records: list[Record] = []

        def add(content: Mapping[str, object], key: SigningKey | None) -> None:
            nonlocal number, previous, newest
            number, newest = number + 1, max(newest, int(str(content.get("newest_segment", 0))))
            records.append(link({**content, "newest_segment": newest}, number, previous, key))
            previous = records[-1]["hash"]

        in_force = key_after(head) if head else None
        if signers is not None and in_force != signers.key.fingerprint:
            before = signers.replaced
            knows = before is not None and before.fingerprint == in_force
            when = {name: contents[0][name] for name in WRITTEN if name in contents[0]}
            introduction = record_contents.key(signers, in_force, previous)
            add({**introduction, **when}, before if knows else key)
        for content in contents:
            add(content, key)
        return records

    def _rotate(self, full: int, device: int | None, signers: Signers | None) -> int:
        """Replace the older file by the full one, which first records what is dropped with it."""
        lost = last_record(self._older)
        if lost is not None:
            dropped = {
                "kind": Kind.DROPPED,
                "through": lost["record"],
                "through_hash": lost["hash"],
            }
            self._write(full, self._linked([dropped], full, signers))
        self._newer.replace(self._older)
        sync_folder(self._folder)
        fresh = self._open(device)
        _close(full)
        return fresh

    def _open(self, device: int | None) -> int:
        """The newer file, locked, since the recorder before this one may still write to it."""
        for last_try in (False, False, True):
            is_new = not self._newer.exists()
            flags = os.O_RDWR | os.O_APPEND | os.O_CREAT
            descriptor = open_in(self._folder, self._newer.name, flags, device)
            try:
                lock(descriptor, self._newer, wait=True)
                if is_new:
                    sync_folder(self._folder)
                # While this waited for the lock, the file may have become the older one. Some file
                # systems, however, give a file another identity each time.
                if last_try or self._is_newer(descriptor):
                    return descriptor
            except BaseException:
                _close(descriptor)
                raise
            _close(descriptor)
        raise AssertionError("the last try returns")

    def _is_newer(self, descriptor: int) -> bool:
        return self._newer.exists() and os.path.samestat(os.fstat(descriptor), self._newer.stat())

    def _write(self, descriptor: int, records: Sequence[Record]) -> None:
        _write(descriptor, self._newer, b"".join(map(line, records)))


def lines(folder: Path) -> Iterator[bytes]:
    """All lines of the chain in `folder`, in order, without line ends; a missing file has none.

    Of a file that is longer than anoncam writes, the end is left out.

    Raises:
        OSError: a file is there and cannot be read.
    """
    for name in NAMES:
        try:
            with open_regular(folder / name) as file:
                left = 2 * LARGEST
                while left > 0 and (text := file.readline(min(left, _LONGEST_LINE))):
                    left -= len(text)
                    yield text.rstrip(b"\n")
        except FileNotFoundError:
            continue


def last_record(path: Path) -> Record | None:
    """The last whole record in a file; None if there is no record or no file."""
    try:
        with open_regular(path) as file:
            return _last_record(file)
    except FileNotFoundError:
        return None


def _last_record(file: BinaryIO) -> Record | None:
    size = file.seek(0, os.SEEK_END)
    for length in _TAILS:
        file.seek(max(0, size - length))
        tail = file.read(length)
        end = len(tail)
        while end >= 0:
            start = tail.rfind(b"\n", 0, end) + 1
            record = parse(tail[start:end]) if start < end else None
            if record is not None:
                return record
            end = start - 1
    return None


def _close(descriptor: int) -> None:
    unlock(descriptor)
    os.close(descriptor)


def _write(descriptor: int, path: Path, data: bytes) -> None:
    size = os.fstat(descriptor).st_size
    if size and os.pread(descriptor, 1, size - 1) != b"\n":
        # A power cut has left half a line. The next record begins on a new one.
        data = b"\n" + data
    try:
        rest = memoryview(data)
        while rest:
            rest = rest[os.write(descriptor, rest) :]
        sync_file(descriptor, path)
    except OSError:
        os.ftruncate(descriptor, size)
        raise
