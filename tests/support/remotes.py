"""Remotes of rclone on this machine: real servers of each kind."""

import contextlib
import os
import subprocess
import sys
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.support.programs import free_port, serving

PASSWORD = "garden-gate"  # noqa: S105 - of servers that live as long as a test

_S3_SERVER = (
    "import sys; from moto.server import main; main(['-H', '127.0.0.1', '-p', sys.argv[1]])"
)


@dataclass
class Remote:
    """A server called `kind`, and the configuration of rclone by which it is the remote `there`.

    `fetch` copies what the remote holds into an empty folder.
    """

    kind: str
    folder: Path
    port: int = field(default_factory=free_port)

    @property
    def config(self) -> Path:
        """The file with the remote, as rclone reads it."""
        return self.folder / "rclone.conf"

    @contextlib.contextmanager
    def up(self) -> Iterator["Remote"]:
        """Run the server until the end of the block."""
        self.folder.mkdir(exist_ok=True)
        served = self.folder / "served"
        served.mkdir(exist_ok=True)
        self.config.write_text(self._config())
        with serving(self._command(served), self.port):
            if self.kind == "s3":
                self.rclone("mkdir", "there:cameras")
            yield self

    def rclone(self, *arguments: str | Path) -> str:
        """Run rclone with this remote."""
        return subprocess.run(
            ["rclone", *map(str, arguments)],
            env={**os.environ, "RCLONE_CONFIG": str(self.config)},
            check=True,
            capture_output=True,
            text=True,
        ).stdout

    def fetch(self, target: Path) -> Path:
        """Everything in ``there:cameras/garden``."""
        self.rclone("copy", "there:cameras/garden", target)
        return target

    def _command(self, served: Path) -> list[str | Path]:
        if self.kind == "s3":
            return [sys.executable, "-c", _S3_SERVER, str(self.port)]
        login = ["--user", "camera", "--pass", PASSWORD]
        address = f"127.0.0.1:{self.port}"
        return ["rclone", "serve", self.kind, served, "--addr", address, *login]

    def _config(self) -> str:
        if self.kind == "s3":
            return (
                "[there]\ntype = s3\nprovider = Other\nregion = us-east-1\n"
                f"endpoint = http://127.0.0.1:{self.port}\n"
                "access_key_id = camera\nsecret_access_key = garden-gate\n"
            )
        hidden = subprocess.run(
            ["rclone", "obscure", PASSWORD], check=True, capture_output=True, text=True
        ).stdout.strip()
        if self.kind == "webdav":
            return (
                f"[there]\ntype = webdav\nurl = http://127.0.0.1:{self.port}\nvendor = other\n"
                f"user = camera\npass = {hidden}\n"
            )
        return (
            f"[there]\ntype = sftp\nhost = 127.0.0.1\nport = {self.port}\nuser = camera\n"
            f"pass = {hidden}\n"
        )


def kinds() -> list[str]:
    """The kinds of remotes there are."""
    return ["sftp", "webdav", "s3"]
