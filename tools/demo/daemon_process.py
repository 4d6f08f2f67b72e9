"""The daemon as a process, watched until it ends."""

import os
import subprocess
import sys
import time
from pathlib import Path

from tools.demo.daemon_status import progress, read_status

_POLL = 0.5


_LINE_EVERY = 5.0


def run_daemon(config: Path, state: Path, log: Path) -> int:
    """Run the daemon to its end, print its progress, and return its exit code."""
    command = [sys.executable, "-m", "anoncam", "run", "--config", str(config)]
    environment = os.environ | {"STATE_DIRECTORY": str(state.resolve())}
    with (
        log.open("wb") as output,
        subprocess.Popen(command, env=environment, stdout=output, stderr=output) as daemon,
    ):
        # Ctrl-C also reaches the daemon, which then finishes its segment. Only wait for it.
        while True:
            try:
                _watch(daemon, state)
                return daemon.wait()
            except KeyboardInterrupt:
                continue


def _watch(daemon: subprocess.Popen[bytes], state: Path) -> None:
    live = sys.stdout.isatty()
    began = shown = time.monotonic()
    while daemon.poll() is None:
        time.sleep(_POLL)
        now = time.monotonic()
        if live or now - shown >= _LINE_EVERY:
            shown = now
            line = f"{now - began:4.0f} s  {progress(read_status(state))}"
            print(f"\r{line}\033[K" if live else line, end="" if live else "\n", flush=True)
    if live:
        print()
