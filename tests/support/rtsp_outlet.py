"""The process `anoncam rtsp`, and a feed that films in real time."""

import contextlib
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from anoncam.config import outlets
from anoncam.config.folders import Folders
from anoncam.config.schema import Config
from tests.support.fake_feed import FakeFeed
from tests.support.programs import free_port, wait_for_port

PASSWORD = "garden-gate"  # noqa: S105 - of a process that lives as long as a test

_BINDINGS = Path("/usr/lib/python3/dist-packages/gi")
_TRY = (
    "import gi; gi.require_version('GstRtspServer', '1.0'); from gi.repository import GstRtspServer"
)


class RtspOutlet:
    """The outlet of the feed in `folder`; it serves on a free port, or publishes at an address."""

    def __init__(self, folder: Path, **settings: object) -> None:
        self.port = free_port()
        self.folder = folder
        self._password = folder / "rtsp-password"
        self._password.write_text(f"{PASSWORD}\n")
        self._environment = environment_with_bindings(folder)
        self.configure(**settings)

    def configure(self, **settings: object) -> None:
        """Publish other settings, as the daemon does after a reload."""
        config = Config.model_validate({"rtsp": {"port": self.port, **settings}})
        outlets.publish(config, Folders(self.folder, self.folder))

    @property
    def address(self) -> str:
        """Where the picture is, for a player that logs in."""
        return f"rtsp://camera:{PASSWORD}@127.0.0.1:{self.port}/live"

    @contextlib.contextmanager
    def up(self, *, serves: bool = True) -> Iterator["subprocess.Popen[str]"]:
        """Run the process until the end of the block."""
        process = subprocess.Popen(
            [
                *(sys.executable, "-m", "anoncam", "rtsp", "--state-folder", str(self.folder)),
                *("--password-file", str(self._password)),
            ],
            env=self._environment,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            if serves:
                wait_for_port(self.port, process)
            yield process
        finally:
            process.kill()
            process.wait()
            if process.stderr is not None:
                process.stderr.close()


def environment_with_bindings(folder: Path) -> dict[str, str]:
    """The environment of a process that sees Debian's bindings of GStreamer, and no more of it.

    Skips the test where they are missing.
    """
    extra = folder / "bindings"
    extra.mkdir(exist_ok=True)
    if _BINDINGS.is_dir() and not (extra / "gi").exists():
        (extra / "gi").symlink_to(_BINDINGS)
    path = os.pathsep.join(filter(None, (os.environ.get("PYTHONPATH"), str(extra))))
    environment = {**os.environ, "PYTHONPATH": path}
    command = [sys.executable, "-c", _TRY]
    if subprocess.run(command, env=environment, check=False, capture_output=True).returncode:
        pytest.skip("GStreamer's RTSP server is missing: apt install gir1.2-gst-rtsp-server-1.0")
    return environment


@contextlib.contextmanager
def filming(feed: FakeFeed) -> Iterator[None]:
    """Have the feed film ten frames a second, and tell the status, until the end of the block."""
    done = threading.Event()

    def film() -> None:
        while not done.wait(0.1):
            feed.film(1)
            feed.tell_status()

    thread = threading.Thread(target=film)
    thread.start()
    try:
        yield
    finally:
        done.set()
        thread.join()
