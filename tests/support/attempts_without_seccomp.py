"""The attempts in a process that Landlock alone confines."""

from anoncam.processes import seccomp
from tests.support.attempts import serve

seccomp.library = lambda: None  # type: ignore[assignment]

__all__ = ["serve"]
