"""Passwords of the web page: scrypt hashes, in a file that the web process can only read."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import shutil
from collections.abc import Mapping
from contextlib import suppress
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path

from anoncam.errors import InputError, StorageError

NAME = "passwords.json"
GROUP = "anoncam-net"
"""The group of the web process."""

SHORTEST = 10
"""Characters."""

LONGEST = 200

# RFC 7914; the cost is the one that OWASP's cheat sheet on password storage gives for 32 MB.
_COST = {"n": 1 << 15, "r": 8, "p": 3}
_MEMORY = 64 << 20


class Role(StrEnum):
    """What one may do who knows a password."""

    ADMIN = "admin"
    VIEWER = "viewer"


@dataclass(frozen=True)
class Hash:
    """A password's hash, with the salt that went into it."""

    salt: bytes
    value: bytes

    @classmethod
    def of(cls, password: str) -> "Hash":
        """The hash of a new password."""
        salt = secrets.token_bytes(16)
        return cls(salt, _scrypt(password, salt))

    def fits(self, password: str) -> bool:
        """Whether this is the password; takes a tenth of a second and 32 MB on purpose."""
        return hmac.compare_digest(_scrypt(password, self.salt), self.value)


def role_of(password: str, hashes: Mapping[Role, Hash]) -> Role | None:
    """The role of a password; every hash is tried, so the time tells nothing."""
    fitting = [role for role, each in hashes.items() if each.fits(password[:LONGEST])]
    return min(fitting, default=None)


def read(folder: Path) -> dict[Role, Hash]:
    """The hashes in `folder`; none if no password was set.

    Raises:
        InputError: the file cannot be read.
    """
    try:
        content = json.loads((folder / NAME).read_bytes())
        return {
            Role(role): Hash(base64.b64decode(each["salt"]), base64.b64decode(each["scrypt"]))
            for role, each in content.items()
        }
    except (FileNotFoundError, NotADirectoryError):
        return {}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise InputError(
            f"{folder / NAME} cannot be read: {error}", "set the password again"
        ) from error


def write(folder: Path, role: Role, password: str) -> None:
    """Set the password of a role.

    Raises:
        InputError: it is too short or too long.
        StorageError: the file cannot be written.
    """
    if not SHORTEST <= len(password) <= LONGEST:
        raise InputError(f"a password has {SHORTEST} to {LONGEST} characters", "choose another")
    hashes = read(folder) | {role: Hash.of(password)}
    content = {
        role: {
            "salt": base64.b64encode(each.salt).decode(),
            "scrypt": base64.b64encode(each.value).decode(),
        }
        for role, each in hashes.items()
    }
    write_secret(folder / NAME, json.dumps(content, indent=1).encode() + b"\n")


def write_secret(path: Path, content: bytes) -> None:
    """Replace a file that only its owner and the web process may read.

    Raises:
        StorageError: it cannot be written.
    """
    part = path.with_name(path.name + ".part")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o640)
        with os.fdopen(descriptor, "wb") as file:
            # One's own page has no such group.
            with suppress(LookupError, PermissionError):
                shutil.chown(part, group=GROUP)
            file.write(content)
            file.flush()
            os.fsync(descriptor)
        part.replace(path)
    except OSError as error:
        raise StorageError(f"{path} cannot be written: {error.strerror}", "use sudo") from error


def _scrypt(password: str, salt: bytes) -> bytes:
    # JSON may have halves of surrogate pairs, which are in no password.
    return hashlib.scrypt(
        password.encode(errors="surrogatepass"), salt=salt, maxmem=_MEMORY, **_COST
    )
