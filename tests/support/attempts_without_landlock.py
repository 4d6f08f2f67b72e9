"""The attempts in a process that seccomp alone confines."""

from anoncam.processes import landlock
from tests.support.attempts import serve

landlock.version = lambda: 0

__all__ = ["serve"]
