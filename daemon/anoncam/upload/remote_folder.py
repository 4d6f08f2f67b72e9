"""A folder at a remote: a file gets its name there only when its copy is proved equal."""

import hashlib
from pathlib import Path

from anoncam.errors import UploadError
from anoncam.files.regular_file import open_regular
from anoncam.segments.segment_name import PART
from anoncam.upload.rclone import Rclone

_HASHES = ("sha256", "sha1", "md5")
"""The hashes that are asked of a server, the best one first."""


class RemoteFolder:
    """Stores files in the folder `to`, a name of rclone's such as ``nas:cameras/garden``."""

    def __init__(self, rclone: Rclone, to: str) -> None:
        self._rclone = rclone
        self._to = to if to.endswith((":", "/")) else f"{to}/"

    def store(self, file: Path, name: str) -> bool:
        """Copy `file` under `name`, unless the same is there already; whether it was copied.

        Until the copy is compared, `.part` follows its name. It stays after a failure.

        Raises:
            UploadError: it cannot be copied, or the copy differs.
            OSError: `file` cannot be read.
        """
        final, part = f"{self._to}{name}", f"{self._to}{name}{PART}"
        if self._is_copy(final, file):
            return False
        self._rclone.run("copyto", str(file), part)
        if not self._is_copy(part, file):
            self._rclone.run("deletefile", part)
            raise UploadError(
                f"the copy of {name} differs from the file", "check the disk of the remote"
            )
        self._rclone.run("moveto", part, final)
        return True

    def _is_copy(self, path: str, file: Path) -> bool:
        """Whether the remote has a file at `path` with the content of `file`."""
        facts = self._rclone.facts(path)
        if facts.get("Size") != file.stat().st_size:
            return False
        given = facts.get("Hashes")
        hashes = given if isinstance(given, dict) else {}
        for kind in _HASHES:
            if hashes.get(kind):
                return bool(hashes[kind] == _hash(file, kind))
        # The server computes none, so the copy is read back.
        answer = self._rclone.run("hashsum", "SHA256", "--download", path)
        return answer.split(" ", 1)[0] == _hash(file, "sha256")


def _hash(file: Path, kind: str) -> str:
    with open_regular(file) as content:
        return hashlib.file_digest(content, kind).hexdigest()
