"""What decodes a camera, in a process that Landlock alone confines."""

from anoncam.processes import seccomp
from anoncam.sources.process.stream_worker import serve

seccomp.library = lambda: None  # type: ignore[assignment]

__all__ = ["serve"]
