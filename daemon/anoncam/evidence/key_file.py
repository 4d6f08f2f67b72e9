"""The file of the key that signs the evidence; only the daemon's user can read it."""

import json
import os
from dataclasses import dataclass
from pathlib import Path

from anoncam.errors import StorageError
from anoncam.evidence.signing_key import SigningKey
from anoncam.files.file_system_calls import sync_file, sync_folder

NAME = "evidence-key"
"""The private key in PEM: a file in the state folder, or a credential of systemd."""

PUBLIC = "evidence-key.pub"
"""Its fingerprint, for everyone who may read the state folder."""

REPLACED = "evidence-key.replaced"
"""The key before it, until its last signature has introduced the new one."""


@dataclass(frozen=True)
class Signers:
    """The key in force; and the one before it while it still has to introduce its successor."""

    key: SigningKey
    replaced: SigningKey | None = None
    revoked: str = ""
    """Why the key before is revoked; empty if it is only replaced."""


def read_public(state: Path) -> str:
    """The fingerprint of the key that signs for the daemon with this state folder.

    Raises:
        OSError: it cannot be read, or there is none yet.
    """
    return (state / PUBLIC).read_text("ascii").strip()


class KeyFile:
    """The key in a state folder, or in the folder of systemd's credentials if it is there.

    Every method raises StorageError when the key cannot be used: then nothing is signed, and a
    damaged key is never replaced by itself.
    """

    def __init__(self, state: Path, credentials: Path | None = None) -> None:
        self._state = state
        self._credential = credentials / NAME if credentials else None

    @property
    def path(self) -> Path:
        """The file with the private key."""
        if self._credential is not None and self._credential.exists():
            return self._credential
        return self._state / NAME

    def signers(self) -> Signers:
        """The keys to sign with; a first key is made if there is none."""
        path = self.path
        try:
            if not path.exists():
                self._write(NAME, SigningKey.make().pem())
            key = SigningKey.from_pem(path.read_bytes())
            self._publish(key.fingerprint)
            replaced, revoked = self._replaced(key)
        except (OSError, ValueError) as error:
            reason = (error.strerror if isinstance(error, OSError) else None) or error
            raise StorageError(
                f"the key of the evidence in {path} cannot be used: {reason}",
                "restore it, or move it away for a new one, which verify will report",
            ) from None
        return Signers(key, replaced, revoked)

    def introduced(self) -> None:
        """Forget the key before, since a record that introduces its successor is on the disk."""
        (self._state / REPLACED).unlink(missing_ok=True)

    def rotate(self, revoked: str = "") -> str:
        """Make a new key; the one before introduces it in the next record. The new fingerprint.

        With `revoked`, the record also says why the key before it is not to be trusted any more.
        """
        signers = self.signers()
        if self.path != self._state / NAME:
            raise StorageError(
                f"the key of the evidence is a credential of systemd: {self.path}",
                "make a new credential in its place",
            )
        if signers.replaced is not None:
            raise StorageError(
                "the key was replaced a moment ago, and no record has introduced it yet",
                "wait until the next segment is finished",
            )
        fresh = SigningKey.make()
        before = {"key": signers.key.pem().decode(), "revoked": revoked}
        try:
            # In this order, a crash in between leaves the old key in force.
            self._write(REPLACED, json.dumps(before).encode())
            self._write(NAME, fresh.pem())
            self._publish(fresh.fingerprint)
        except OSError as error:
            raise StorageError(
                f"no new key can be made in {self._state}: {error.strerror}", "use sudo"
            ) from error
        return fresh.fingerprint

    def _replaced(self, key: SigningKey) -> tuple[SigningKey | None, str]:
        try:
            content = json.loads((self._state / REPLACED).read_bytes())
            before, revoked = SigningKey.from_pem(content["key"].encode()), str(content["revoked"])
        except FileNotFoundError:
            return None, ""
        except (KeyError, TypeError, AttributeError) as error:
            raise ValueError(f"{REPLACED} is damaged") from error
        # A crash may have come before the new key was in place.
        return (None, "") if before.fingerprint == key.fingerprint else (before, revoked)

    def _publish(self, fingerprint: str) -> None:
        public = self._state / PUBLIC
        text = f"{fingerprint}\n".encode()
        if not public.exists() or public.read_bytes() != text:
            self._write(PUBLIC, text, 0o640)

    def _write(self, name: str, content: bytes, mode: int = 0o600) -> None:
        """Replace a file; it has its mode from the start, and the owner of its folder."""
        self._state.mkdir(parents=True, exist_ok=True)
        part = self._state / f"{name}.part"
        part.unlink(missing_ok=True)
        descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL | os.O_NOFOLLOW, mode)
        with os.fdopen(descriptor, "wb") as file:
            if os.geteuid() == 0:
                owner = self._state.stat()
                os.fchown(descriptor, owner.st_uid, owner.st_gid)
            file.write(content)
            file.flush()
            sync_file(descriptor, part)
        part.replace(self._state / name)
        sync_folder(self._state)
