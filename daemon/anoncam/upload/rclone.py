"""Runs rclone: one call, one process, no shell."""

import json
import subprocess
from collections.abc import Sequence
from dataclasses import dataclass

from anoncam.errors import UploadError
from anoncam.events.redaction import redact

_NOT_FOUND = {3, 4}
"""Exit codes: there is no such folder, or no such file (rclone's manual, "Exit code")."""

_OPTIONS = (
    # A connection that is silent for so long is given up; the next run goes on.
    "--contimeout=30s",
    "--timeout=2m",
    "--retries=1",
    "--low-level-retries=3",
    # In one part, the hash of an object in S3 is the server's own.
    "--s3-upload-cutoff=5G",
    "--stats=0",
)


class _NotFoundError(UploadError):
    """There is no such file or folder."""


@dataclass(frozen=True)
class Rclone:
    """How rclone is called. It finds its configuration by RCLONE_CONFIG, or in its own place.

    `bandwidth` is in kilobits per second, None for no limit.
    """

    bandwidth: int | None = None
    program: Sequence[str] = ("rclone",)

    def run(self, *arguments: str) -> str:
        """What rclone prints.

        Raises:
            UploadError: it fails, with its last words as the reason.
        """
        limit = [] if self.bandwidth is None else [f"--bwlimit={self.bandwidth * 125}B"]
        command = [*self.program, *_OPTIONS, *limit, *arguments]
        try:
            ended = subprocess.run(
                command, check=False, capture_output=True, stdin=subprocess.DEVNULL
            )
        except FileNotFoundError as error:
            raise UploadError("rclone is not installed", "apt install rclone") from error
        if ended.returncode:
            words = ended.stderr.decode(errors="replace").strip().splitlines() or ["no reason"]
            kind = _NotFoundError if ended.returncode in _NOT_FOUND else UploadError
            raise kind(
                f"rclone ended with {ended.returncode}: {redact(words[-1])}",
                "check the network, and the remote in rclone.conf",
            )
        return ended.stdout.decode(errors="replace")

    def facts(self, path: str) -> dict[str, object]:
        """Size and hashes of a file at a remote, as rclone names them; empty if there is none."""
        try:
            found = json.loads(self.run("lsjson", "--stat", "--hash", path))
        except _NotFoundError:
            return {}
        except ValueError as error:
            raise UploadError("rclone answers with no JSON", "try another version of it") from error
        return found if isinstance(found, dict) else {}
