"""The real `anoncam` process, for tests."""

import json
import os
import re
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

_LINE = re.compile(r"^\S+ \S+ [A-Z]+\s+(?!anoncam:)([a-z-]+): (.*)$")

_SOON = 180


def anoncam(
    *arguments: str | Path, environment: Mapping[str, str] | None = None
) -> subprocess.CompletedProcess[str]:
    """Run a command to its end."""
    command = [sys.executable, "-m", "anoncam", *map(str, arguments)]
    return subprocess.run(
        command,
        check=False,
        capture_output=True,
        text=True,
        timeout=_SOON,
        stdin=subprocess.DEVNULL,
        env={**os.environ, **(environment or {})},
    )


class RunningDaemon:
    """`anoncam run` on a configuration in `folder`, with its state there too; `lines` is what it
    has logged.

    `spoiled_by` is Python that runs before it in its process.
    """

    def __init__(
        self,
        folder: Path,
        config: str,
        environment: Mapping[str, str] | None = None,
        spoiled_by: str = "",
    ) -> None:
        self.config = folder / "config.yaml"
        self.config.write_text(config)
        self.state = folder / "state"
        self.lines: list[str] = []
        self._arrived = threading.Condition()
        arguments = ["run", "--config", str(self.config)]
        self.process = subprocess.Popen(
            [
                sys.executable,
                "-c",
                f"{spoiled_by}\nfrom anoncam.cli.main import main\nmain()",
                *arguments,
            ]
            if spoiled_by
            else [sys.executable, "-m", "anoncam", *arguments],
            stderr=subprocess.PIPE,
            stdin=subprocess.DEVNULL,
            text=True,
            env={**os.environ, "STATE_DIRECTORY": str(self.state), **(environment or {})},
        )
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    @property
    def events(self) -> list[tuple[str, str]]:
        """Name and sentence of every event so far."""
        with self._arrived:
            return [(found[1], found[2]) for line in self.lines if (found := _LINE.match(line))]

    def of(self, name: str) -> list[str]:
        """The sentences of every event of that name so far."""
        return [sentence for event, sentence in self.events if event == name]

    def wait_for(self, name: str, count: int = 1) -> str:
        """Wait until there are `count` events of that name; the sentence of the last."""
        self._wait(lambda: len(self.of(name)) >= count, f"{count} of {name}")
        return self.of(name)[count - 1]

    def wait_until(self, condition: Callable[[dict[str, Any]], bool]) -> dict[str, Any]:
        """Wait for a status that meets the condition."""
        self._wait(lambda: bool((status := self.status()) and condition(status)), "a status")
        return self.status()

    def status(self) -> dict[str, Any]:
        """What the status file reports; empty before there is one."""
        path = self.state / "status.json"
        content: dict[str, Any] = json.loads(path.read_text()) if path.exists() else {}
        return content

    def reload(self, config: str) -> None:
        """Edit the configuration and send SIGHUP."""
        self.config.write_text(config)
        self.process.send_signal(signal.SIGHUP)

    def stop(self, number: signal.Signals = signal.SIGTERM) -> int:
        """Stop it; its exit code."""
        self.process.send_signal(number)
        return self.wait()

    def wait(self) -> int:
        """Wait for its end; its exit code."""
        code = self.process.wait(_SOON)
        self._reader.join(_SOON)
        return code

    def recordings(self) -> list[Path]:
        """The finished segments, in order."""
        return sorted((self.state / "recordings").glob("*.mp4"))

    def children(self) -> list[int]:
        """Its child processes."""
        path = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children")
        threads = path.parents[1].glob("*/children") if path.exists() else ()
        return [int(number) for thread in threads for number in thread.read_text().split()]

    def detectors(self) -> list[int]:
        """Its detector processes; it may also have some that decode."""
        return [
            pid
            for pid in self.children()
            if (command := Path(f"/proc/{pid}/cmdline")).exists()
            and b"detectors.process.worker" in command.read_bytes()
        ]

    def kill(self) -> None:
        """Leave nothing behind."""
        if self.process.poll() is None:
            self.process.kill()
        self.wait()
        if self.process.stderr is not None:
            self.process.stderr.close()

    def _read(self) -> None:
        assert self.process.stderr is not None
        for line in self.process.stderr:
            with self._arrived:
                self.lines.append(line.rstrip("\n"))
                self._arrived.notify_all()

    def _wait(self, condition: Callable[[], bool], what: str) -> None:
        with self._arrived:
            # Woken by each line; the status file has no such call, so it is looked at in between.
            for _ in range(_SOON * 10):
                if condition():
                    return
                if self.process.poll() is not None and not self._reader.is_alive():
                    break
                self._arrived.wait(0.1)
        raise AssertionError(f"{what} did not come; the log is:\n" + "\n".join(self.lines))
