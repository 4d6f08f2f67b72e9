"""Containers in which systemd runs as on a machine of its own; what happens in them is gone with
them."""

import itertools
import json
import os
import signal
import subprocess
import threading
import time
from collections.abc import Callable, Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

SOON = 120
"""Seconds after which what should have come is missing, on a machine that is busy."""

_ENTER = ("nsenter", "--mount", "--uts", "--ipc", "--net", "--pid", "--cgroup", "--root", "--wd")
_PATH = "PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"
_ENVIRONMENT = ("env", "-i", _PATH, "LANG=C.UTF-8", "DEBIAN_FRONTEND=noninteractive")
_NUMBERS = itertools.count()
_POWER_OFF = int(signal.SIGRTMIN) + 3


class Container:
    """A booted copy of a root file system, as a context manager.

    >>> with Container(roots.bootable("trixie")) as container:
    ...     container.run("systemctl", "is-system-running")
    """

    def __init__(self, root: Path, log: Path) -> None:
        self._name = f"anoncam-{os.getpid()}-{next(_NUMBERS)}"
        self._root = root
        self._log = log
        self._leader = 0

    def __enter__(self) -> Self:
        command = [
            "systemd-nspawn",
            "-q",
            "-D",
            str(self._root),
            "--boot",
            f"--machine={self._name}",
        ]
        command += [
            "--register=no",
            "--keep-unit",
            "--private-network",
            "--resolv-conf=off",
            "--console=pipe",
        ]
        command += [f"--kill-signal={_POWER_OFF}", "--volatile=overlay"]
        with self._log.open("wb") as log:
            self._process = subprocess.Popen(
                command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True
            )
        try:
            # The first child makes the one that stays.
            self.wait(
                lambda: self._find_leader() and self.does("test", "-S", "/run/systemd/private"),
                "systemd",
            )
            self.run("systemctl", "is-system-running", "--wait")
        except BaseException:
            self._stop()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._stop()

    @property
    def leader(self) -> int:
        """The number of its first process, outside."""
        return self._leader

    def path(self, absolute: str) -> Path:
        """A file of the container, to be used from outside."""
        return Path(f"/proc/{self._leader}/root") / absolute.lstrip("/")

    def try_to(
        self, *command: str, environment: Mapping[str, str] | None = None
    ) -> subprocess.CompletedProcess[str]:
        """Run a command in it to its end."""
        settings = [f"{name}={value}" for name, value in (environment or {}).items()]
        return subprocess.run(
            [*_ENTER, f"--target={self._leader}", "--", *_ENVIRONMENT, *settings, *command],
            check=False,
            capture_output=True,
            text=True,
            stdin=subprocess.DEVNULL,
            timeout=SOON * 2,
        )

    def run(self, *command: str, environment: Mapping[str, str] | None = None) -> str:
        """The output of a command that must succeed in it."""
        ended = self.try_to(*command, environment=environment)
        assert ended.returncode == 0, (
            f"{' '.join(command)}: {ended.returncode}\n{ended.stdout}{ended.stderr}"
        )
        return ended.stdout

    def does(self, *command: str) -> bool:
        """Whether a command succeeds in it."""
        return self.try_to(*command).returncode == 0

    def journal(self, *matches: str) -> list[dict[str, Any]]:
        """The entries of its journal, oldest first."""
        lines = self.run("journalctl", "--no-pager", "--output=json", *matches).splitlines()
        return [json.loads(line) for line in lines]

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something is so; what changes in a container cannot be waited for in any other
        way."""
        pause, deadline = threading.Event(), time.monotonic() + SOON
        while not condition():
            if time.monotonic() > deadline:
                raise AssertionError(f"{what} did not come")
            pause.wait(0.2)

    def _find_leader(self) -> int:
        if self._process.poll() is not None:
            raise AssertionError(
                f"the container does not boot: {self._log.read_text(errors='replace')}"
            )
        process = self._process.pid
        children = Path(f"/proc/{process}/task/{process}/children").read_text().split()
        self._leader = int(children[0]) if children else 0
        return self._leader

    def _stop(self) -> None:
        if self._process.poll() is None:
            # Never SIGKILL: it would leave the container's processes behind.
            os.kill(self._leader, _POWER_OFF) if self._leader else self._process.terminate()
        self._process.wait(SOON)
