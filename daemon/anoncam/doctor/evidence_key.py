"""The key that signs the evidence: is it there and of use, and can nobody else read it?"""

import contextlib
import stat
from collections.abc import Iterator
from pathlib import Path

from anoncam.doctor.check import Finding, Installation, note, ok, problem
from anoncam.evidence.key_file import NAME, read_public
from anoncam.evidence.signing_key import SigningKey

_UNUSABLE = "no evidence is recorded: its key cannot be used"


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
    signed = ok("evidence", f"it is signed with the key {fingerprint}")
    path = state / NAME
    try:
        facts = path.stat()
    except FileNotFoundError:
        yield signed
        yield note("evidence", f"the key is not in {state}: it is a credential of systemd, or gone")
        return
    yield _unusable(path) or signed
    if facts.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        mode = stat.filemode(facts.st_mode)
        remedy = f"chmod 600 {path}, then anoncam evidence rotate --revoke 'others could read it'"
        yield problem(
            "evidence", "others may read the key", f"the mode of {path} is {mode}", remedy
        )


def _unusable(path: Path) -> Finding | None:
    """Why the daemon cannot sign with the key in a file, as far as this user can tell."""
    if path.stat().st_uid != path.parent.stat().st_uid:
        cause = f"{path} belongs to another user than its folder"
        return problem("evidence", _UNUSABLE, cause, f"chown --reference {path.parent} {path}")
    try:
        with contextlib.suppress(PermissionError):
            SigningKey.from_pem(path.read_bytes())
    except (OSError, ValueError) as error:
        reason = (error.strerror if isinstance(error, OSError) else None) or error
        remedy = "restore it, or move it away for a new one, which verify will report"
        return problem("evidence", _UNUSABLE, f"{path}: {reason}", remedy)
    return None
