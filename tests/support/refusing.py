"""File systems that refuse what others do: NFS without locks, FAT, CIFS, and user space ones."""

import errno
import fcntl
import os
import stat
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from anoncam.files import file_system_calls


@dataclass
class RefusingFileSystem:
    """Lets chosen calls of `os` and `fcntl` fail, and counts how often each was refused."""

    monkeypatch: pytest.MonkeyPatch
    refused: dict[str, int] = field(default_factory=dict)

    def __post_init__(self) -> None:
        self.monkeypatch.setattr(file_system_calls, "_refused", set())
        self.monkeypatch.setattr(file_system_calls, "_logged", set())

    def refuse(self, name: str, error: int) -> None:
        """Let all calls of a kind fail from now on."""
        match name:
            case "lock":
                self._fail(fcntl, "flock", name, error)
            case "sync folder":
                self._fail(os, "fsync", name, error, _is_folder)
            case "sync file":
                self._fail(os, "fsync", name, error, lambda target: not _is_folder(target))
                self._fail(os, "fdatasync", name, error)
            case "sync data":
                self._fail(os, "fdatasync", name, error)
            case "mode":
                self._fail(os, "chmod", name, error)
                self._fail(os, "fchmod", name, error)
                self._fail(Path, "chmod", name, error)
            case "write":
                self._fail(os, "write", name, error, _is_segment)
            case "truncate":
                self._fail(os, "ftruncate", name, error)
            case "delete":
                self._fail(Path, "unlink", name, error, lambda path: ".mp4" in str(path))
            case "free space":
                self._fail(os, "statvfs", name, error)
            case _:
                raise ValueError(name)

    def _fail(
        self,
        module: object,
        function: str,
        name: str,
        error: int,
        concerns: Callable[[object], bool] = lambda _: True,
    ) -> None:
        original = getattr(module, function)

        def fail(target: object, *arguments: object, **named: object) -> object:
            if not concerns(target):
                return original(target, *arguments, **named)
            self.refused[name] = self.refused.get(name, 0) + 1
            raise OSError(error, os.strerror(error))

        self.monkeypatch.setattr(module, function, fail)


class MandatoryLocks:
    """CIFS since Linux 5.5: a locked file can only be read by the descriptor that locked it."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self._locked: dict[int, tuple[int, int]] = {}
        flock, close, opened = fcntl.flock, os.close, Path.open

        def lock(target: object, operation: int) -> None:
            descriptor = target if isinstance(target, int) else target.fileno()  # type: ignore[attr-defined]
            flock(descriptor, operation)
            self._locked[descriptor] = _identity(os.fstat(descriptor))

        def release(descriptor: int) -> None:
            close(descriptor)
            self._locked.pop(descriptor, None)

        def open_path(path: Path, *arguments: object, **named: object) -> object:
            if path.exists() and _identity(path.stat()) in self._locked.values():
                raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(path))
            return opened(path, *arguments, **named)  # type: ignore[call-overload]

        monkeypatch.setattr(fcntl, "flock", lock)
        monkeypatch.setattr(os, "close", release)
        monkeypatch.setattr(Path, "open", open_path)


def _is_folder(target: object) -> bool:
    return isinstance(target, int) and stat.S_ISDIR(os.fstat(target).st_mode)


def _is_segment(target: object) -> bool:
    return isinstance(target, int) and ".mp4" in str(Path(f"/proc/self/fd/{target}").readlink())


def _identity(facts: os.stat_result) -> tuple[int, int]:
    return facts.st_dev, facts.st_ino
