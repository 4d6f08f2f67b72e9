"""What stands in the way of a recording on this machine: one small module for each thing that is
looked at.
"""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from anoncam.config.folders import Folders
from anoncam.config.schema import Config

_PATIENCE = 10


class Verdict(StrEnum):
    """`note` is worth knowing and stands in the way of nothing."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """What was found about one thing; `cause` and `remedy` belong to a problem."""

    check: str
    verdict: Verdict
    what: str
    cause: str = ""
    remedy: str = ""


def ok(check: str, what: str) -> Finding:
    """All is well."""
    return Finding(check, Verdict.OK, what)


def note(check: str, what: str, remedy: str = "") -> Finding:
    """Worth knowing."""
    return Finding(check, Verdict.NOTE, what, "", remedy)


def problem(check: str, what: str, cause: str, remedy: str) -> Finding:
    """Something to act on."""
    return Finding(check, Verdict.PROBLEM, what, cause, remedy)


def run_program(command: Sequence[str]) -> str | None:
    """What the program prints; None if it is missing, fails or hangs."""
    try:
        ended = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_PATIENCE,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return ended.stdout.strip()


@dataclass(frozen=True)
class Machine:
    """Where to look: below `root` lie /sys, /proc, /dev, /etc and /usr; tests give another one."""

    root: Path = Path("/")
    run: Callable[[Sequence[str]], str | None] = run_program

    def path(self, absolute: str) -> Path:
        """`absolute`, below the root."""
        return self.root / absolute.lstrip("/")

    def text(self, absolute: str) -> str:
        """The content of a file, without blanks around it; empty where there is none to be read."""
        try:
            return self.path(absolute).read_bytes().strip(b"\0 \n").decode(errors="replace")
        except OSError:
            return ""


@dataclass(frozen=True)
class Patient:
    """What is examined: a configuration on a machine, and the daemon's status if it runs there
    (else empty).
    """

    config: Config
    folders: Folders
    status: Mapping[str, Any] = field(default_factory=dict)
    machine: Machine = Machine()
