"""What every check is given, and what it finds."""

import subprocess
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path
from typing import Any

from anoncam.config.folders import Folders
from anoncam.config.schema import Config

_TIMEOUT = 10
"""Seconds that a program may run."""


class Verdict(StrEnum):
    """What a finding means: a `note` is worth knowing and needs no action."""

    OK = "ok"
    NOTE = "note"
    PROBLEM = "problem"


@dataclass(frozen=True)
class Finding:
    """What a check found about one thing; a problem has a `cause` and a `remedy`."""

    check: str
    verdict: Verdict
    what: str
    cause: str = ""
    remedy: str = ""


def ok(check: str, what: str) -> Finding:
    """A finding that all is well."""
    return Finding(check, Verdict.OK, what)


def note(check: str, what: str, remedy: str = "") -> Finding:
    """A finding that is worth knowing."""
    return Finding(check, Verdict.NOTE, what, "", remedy)


def problem(check: str, what: str, cause: str, remedy: str) -> Finding:
    """A finding to act on."""
    return Finding(check, Verdict.PROBLEM, what, cause, remedy)


def run_program(command: Sequence[str]) -> str | None:
    """What a program prints; None if it is missing, fails or hangs."""
    try:
        ended = subprocess.run(
            command,
            capture_output=True,
            text=True,
            timeout=_TIMEOUT,
            check=True,
            stdin=subprocess.DEVNULL,
        )
    except (OSError, subprocess.SubprocessError):
        return None
    return ended.stdout.strip()


@dataclass(frozen=True)
class Machine:
    """The machine to check; tests put /sys, /proc, /dev, /etc and /usr below another `root`."""

    root: Path = Path("/")
    run: Callable[[Sequence[str]], str | None] = run_program

    def path(self, absolute: str) -> Path:
        """The path `absolute`, below the root."""
        return self.root / absolute.lstrip("/")

    def text(self, absolute: str) -> str:
        """The content of a file without surrounding blanks; empty if it cannot be read."""
        try:
            return self.path(absolute).read_bytes().strip(b"\0 \n").decode(errors="replace")
        except OSError:
            return ""


@dataclass(frozen=True)
class Installation:
    """What is checked: a configuration on a machine, with the daemon's status if it runs there.

    Without a daemon `status` is empty.
    """

    config: Config
    folders: Folders
    status: Mapping[str, Any] = field(default_factory=dict)
    machine: Machine = Machine()
