"""The key that signs the evidence: is it there, and can nobody else read it?"""

import stat
from collections.abc import Iterator

from anoncam.doctor.check import Finding, Installation, note, ok, problem
from anoncam.evidence.key_file import NAME, read_public


def check(installation: Installation) -> Iterator[Finding]:
    """Report the fingerprint, and who may read the key."""
    state = installation.folders.state
    try:
        fingerprint = read_public(state)
    except FileNotFoundError:
        yield note("evidence", "there is no key yet: the daemon makes it at its first start")
        return
    except PermissionError:
        yield note("evidence", "the fingerprint of the key may not be read", "use sudo")
        return
    yield ok("evidence", f"it is signed with the key {fingerprint}")
    path = state / NAME
    try:
        facts = path.stat()
    except FileNotFoundError:
        yield note("evidence", f"the key is not in {state}: it is a credential of systemd, or gone")
        return
    if facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.filemode(facts.st_mode)
        remedy = f"chmod 600 {path}, then anoncam evidence rotate --revoke 'others could read it'"
        yield problem(
            "evidence", "others may read the key", f"the mode of {path} is {mode}", remedy
        )
