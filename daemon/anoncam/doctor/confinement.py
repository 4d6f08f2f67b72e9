"""The confinement of what decodes: does the kernel have all that it takes?"""

from collections.abc import Iterator

from anoncam.doctor.check import Finding, Installation, note, ok
from anoncam.processes import landlock
from anoncam.processes.confinement import missing


def check(_installation: Installation) -> Iterator[Finding]:
    """Can files and cameras be decoded by a process without rights?"""
    lacks = missing()
    if lacks:
        text = f"what decodes files and cameras keeps some rights: {', and '.join(lacks)}"
        remedy = "install libseccomp2, and a kernel with Landlock, as Debian's own"
        yield note("confinement", text, remedy)
    else:
        yield ok(
            "confinement",
            f"files and cameras are decoded without rights: seccomp, Landlock {landlock.version()}",
        )
