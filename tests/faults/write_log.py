"""Every write, sync and rename that is done to a folder, and what a power cut at any of these
moments leaves of it."""

import os
import random
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

import pytest

_SECTOR = 512
"""What a disk writes at once: it is there as a whole, or not at all."""

_CALLS = ("open", "write", "fsync", "fdatasync", "ftruncate", "rename", "replace", "unlink")

Names = Mapping[str, int]
"""The file behind each name."""


@dataclass(frozen=True)
class Moment:
    """A folder between two calls: what is safe on the disk, and what only the memory of the system
    knows.

    `handed` is what the log's owner had done by then.
    """

    handed: int
    safe_names: Names
    later_names: tuple[Names, ...]
    safe: Mapping[int, bytes]
    newest: Mapping[int, bytes]

    def cut(self, folder: Path, chance: random.Random) -> None:
        """Make `folder` what a power cut leaves: of what was not synced some is there, some not,
        and some in parts."""
        names = chance.choice([self.safe_names, *self.later_names])
        for name, file in names.items():
            data = _torn(self.safe.get(file, b""), self.newest.get(file, b""), chance)
            (folder / name).write_bytes(data)


class WriteLog:
    """Watches `folder` from now on; `handed` is noted with each moment."""

    def __init__(self, folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.handed = 0
        self.moments: list[Moment] = []
        self._folder = folder
        self._numbers: dict[int, int] = {}
        self._next = 0
        self._names: Names = {}
        self._newest: dict[int, bytes] = {}
        self._look()
        self._safe: Mapping[int, bytes] = dict(self._newest)
        self._safe_names: Names = self._names
        self._later: tuple[Names, ...] = ()
        for name in _CALLS:
            monkeypatch.setattr(os, name, self._watched(name, getattr(os, name)))

    def _watched(self, name: str, call: Callable[..., object]) -> Callable[..., object]:
        def watched(*arguments: object, **named: object) -> object:
            result = call(*arguments, **named)
            self._note(name, arguments[0])
            return result

        return watched

    def _note(self, call: str, target: object) -> None:
        before = self._names
        self._look()
        if self._names != before:
            self._later = (*self._later, self._names)
        if call in ("fsync", "fdatasync") and isinstance(target, int):
            facts = os.fstat(target)
            if os.path.samestat(facts, self._folder.stat()):
                self._safe_names, self._later = self._names, ()
            elif facts.st_ino in self._numbers:
                number = self._numbers[facts.st_ino]
                self._safe = {**self._safe, number: self._newest[number]}
        moment = Moment(self.handed, self._safe_names, self._later, self._safe, dict(self._newest))
        self.moments.append(moment)

    def _look(self) -> None:
        """Take in names and contents; an inode's number is used again after its file is gone, ours
        is not."""
        with os.scandir(self._folder) as entries:
            found = {entry.name: entry.inode() for entry in entries}
        self._numbers = {
            inode: number for inode, number in self._numbers.items() if inode in found.values()
        }
        for name, inode in found.items():
            if inode not in self._numbers:
                self._next += 1
                self._numbers[inode] = self._next
            self._newest[self._numbers[inode]] = (self._folder / name).read_bytes()
        self._names = {name: self._numbers[inode] for name, inode in found.items()}


def _torn(safe: bytes, newest: bytes, chance: random.Random) -> bytes:
    if safe == newest:
        return safe
    if not newest.startswith(safe):
        # Truncated, or written anew.
        return chance.choice([safe, newest[: chance.randint(0, len(newest))]])
    data = bytearray(newest[: chance.choice([len(newest), chance.randint(len(safe), len(newest))])])
    if chance.random() < 0.5:
        for start in range(-(-len(safe) // _SECTOR) * _SECTOR, len(data), _SECTOR):
            if chance.random() < 0.3:
                end = min(start + _SECTOR, len(data))
                data[start:end] = bytes(end - start)
    return bytes(data)
