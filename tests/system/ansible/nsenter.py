"""Connects Ansible to a container of these tests, which has no network."""

import shutil
import subprocess
from pathlib import Path
from typing import Any

from ansible.plugins.connection import ConnectionBase

DOCUMENTATION = """
name: nsenter
short_description: run tasks in the namespaces of a process
description: Commands run in all namespaces of a process, files are copied through its root.
options:
  leader:
    description: the number of the process
    type: int
    required: true
    vars: [{name: nsenter_leader}]
"""

_ENTER = ("nsenter", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd")
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"


class Connection(ConnectionBase):  # type: ignore[misc]
    """A connection to the container whose first process is `nsenter_leader`."""

    transport = "nsenter"
    has_pipelining = True

    def _connect(self) -> "Connection":
        return self

    def exec_command(
        self, cmd: str, in_data: bytes | None = None, sudoable: bool = True
    ) -> tuple[int, bytes, bytes]:
        command = [*_ENTER, f"--target={self.get_option('leader')}", "--", "env", "-i", _PATH]
        command += ["HOME=/root", "LANG=C.UTF-8", "/bin/sh", "-c", cmd]
        ended = subprocess.run(command, check=False, capture_output=True, input=in_data or b"")
        return ended.returncode, ended.stdout, ended.stderr

    def put_file(self, in_path: str, out_path: str) -> None:
        shutil.copyfile(in_path, self._outside(out_path))

    def fetch_file(self, in_path: str, out_path: str) -> None:
        shutil.copyfile(self._outside(in_path), out_path)

    def close(self) -> None:
        """Do nothing: no connection stays open."""

    def _outside(self, path: str) -> Path:
        root: Any = self.get_option("leader")
        return Path(f"/proc/{root}/root") / path.lstrip("/")
