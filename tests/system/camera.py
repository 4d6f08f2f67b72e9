"""An installed camera: anoncam as a service in a container, filming a file with a face."""

import json
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.system.containers import Container

CONFIG = """source: {type: file, address: /srv/footage/face.mp4, loop: true}
recording: {segment_length: 4, retention: {min_free: 10MB}}
"""

CONFIG_FILE = "/etc/anoncam/config.yaml"
RECORDINGS = "/var/lib/anoncam/recordings"
PYTHON = "/usr/lib/anoncam/bin/python3"
HELPERS = "/opt/tests"


class Camera:
    """The service `anoncam` of a container."""

    def __init__(self, container: Container) -> None:
        self.container = container
        self.run = container.run
        self.try_to = container.try_to

    def install(self, package: Path) -> str:
        """Install, or upgrade to, a package, and put beside it what the tests run in there; what
        apt prints."""
        for helper in (Path(__file__).parent / "inside").glob("*.py"):
            self.give(helper, f"{HELPERS}/{helper.name}")
        target = self.container.path(f"/root/{package.name}")
        target.write_bytes(package.read_bytes())
        options = ["--yes", "--no-install-recommends", "-o", "Dpkg::Use-Pty=0"]
        return self.run("apt-get", "install", *options, f"/root/{package.name}")

    def give(self, file: Path, absolute: str) -> None:
        """Put a copy of a file into the container, for all to read."""
        target = self.container.path(absolute)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(file.read_bytes())

    def configure(self, text: str) -> None:
        """Edit the configuration."""
        self.container.path(CONFIG_FILE).write_text(text)

    def restart(self) -> None:
        """Start it anew, and wait until it records."""
        self.run("systemctl", "restart", "anoncam")
        self.wait_for_status(
            lambda status: status["state"] == "recording" and status["counts"]["recorded"] > 0
        )

    def property(self, name: str) -> str:
        """A property of the unit."""
        return self.run("systemctl", "show", "anoncam", "--value", f"--property={name}").strip()

    def status(self) -> dict[str, Any]:
        """What `anoncam status` reports; empty while there is no daemon."""
        printed = self.try_to("anoncam", "status", "--json").stdout
        status: dict[str, Any] = json.loads(printed) if printed.startswith("{") else {}
        return status if status.get("state") else {}

    def wait_for_status(self, condition: Callable[[dict[str, Any]], object]) -> dict[str, Any]:
        """Wait for a status that meets the condition."""
        last: list[dict[str, Any]] = []

        def met() -> bool:
            last[:] = [self.status()]
            return bool(last[0] and condition(last[0]))

        self.wait(met, "a status")
        return last[0]

    def now(self) -> int:
        """A mark in the journal, for `of` and `wait_for`: microseconds since 1970.

        Not a cursor, after which journalctl of bookworm passes over the first entry that matches.
        """
        return time.time_ns() // 1000

    def of(self, event: str, since: int) -> list[dict[str, Any]]:
        """The journal's entries of an event since a mark."""
        entries = self.container.journal("-u", "anoncam", f"ANONCAM_EVENT={event}")
        return [entry for entry in entries if int(entry["__REALTIME_TIMESTAMP"]) > since]

    def wait_for(self, event: str, since: int) -> dict[str, Any]:
        """Wait for an event after a mark; its first entry in the journal."""
        self.wait(lambda: self.of(event, since), event)
        return self.of(event, since)[0]

    def wait(self, condition: Callable[[], object], what: str) -> None:
        """Wait until something is so."""
        try:
            self.container.wait(condition, what)
        except AssertionError as error:
            log = self.run("journalctl", "-u", "anoncam", "--no-pager", "--lines=40")
            raise AssertionError(f"{error}; the journal:\n{log}") from None

    def events(self) -> list[dict[str, Any]]:
        """What the daemon's own log holds."""
        return [json.loads(line) for line in self.run("anoncam", "events", "--json").splitlines()]

    def segments(self) -> list[Path]:
        """The finished segments, oldest first."""
        return sorted(self.container.path(RECORDINGS).glob("*.mp4"))

    def more_segments(self, count: int) -> list[Path]:
        """Wait until there are so many more finished segments; these."""
        before = set(self.segments())
        self.wait(lambda: len(set(self.segments()) - before) >= count, f"{count} segments")
        return sorted(set(self.segments()) - before)

    @contextmanager
    def drop_in(self, text: str) -> Iterator[None]:
        """With an addition to the section [Service] of the unit, until the end of the context."""
        folder = self.container.path("/run/systemd/system/anoncam.service.d")
        folder.mkdir(parents=True, exist_ok=True)
        (folder / "test.conf").write_text(f"[Service]\n{text}\n")
        self.run("systemctl", "daemon-reload")
        try:
            yield
        finally:
            self.run("systemctl", "stop", "anoncam")
            (folder / "test.conf").unlink()
            self.run("systemctl", "daemon-reload")
