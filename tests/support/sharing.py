"""The detector service for tests, and cameras of all kinds that connect to it."""

import contextlib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anoncam.config.load import load
from anoncam.detectors.detector import DetectionResult, DetectorInfo
from anoncam.detectors.process import picture_memory
from anoncam.detectors.process.messages import (
    Ready,
    Reply,
    Request,
    decode_ready,
    decode_reply,
    receive,
)
from anoncam.detectors.simulated import INFO, SimulatedDetector, nothing
from anoncam.errors import DetectorError
from anoncam.sharing.listening import listening_socket

_SOON = 60.0

SIZE = (8, 4)
"""Width and height of the pictures of `InputDetector`."""


class InputDetector(SimulatedDetector):
    """Keeps the first value of each picture that it is given in `seen`, and finds nothing."""

    def __init__(self, info: DetectorInfo = INFO) -> None:
        super().__init__(info=DetectorInfo(**{**vars(info), "input_size": SIZE}))
        self.seen: list[int] = []
        self.fails = False

    def submit_input(self, picture: NDArray[np.uint8], timestamp: int, floor: float) -> None:
        """Take in a picture; it fails if it was told to."""
        if self.fails:
            raise DetectorError("it has failed")
        self.seen.append(int(picture.flat[0]))

    def collect(self, timeout: float) -> DetectionResult:
        """Find nothing."""
        return DetectionResult(0, nothing(), True, 0.0)


class RawCamera:
    """A connection without the checks that a daemon makes before it sends anything."""

    def __init__(self, path: Path) -> None:
        self.channel = socket.socket(socket.AF_UNIX, socket.SOCK_SEQPACKET)
        self.channel.settimeout(_SOON)
        try:
            self.channel.connect(str(path))
        except OSError:
            self.channel.close()
            raise

    def ready(self) -> Ready:
        """Which detector it is told to be ready."""
        message = receive(self.channel, _SOON)
        assert message is not None
        return decode_ready(message)

    def share(self, size: tuple[int, int] = SIZE, fill: int = 0) -> None:
        """Send the memory of two pictures, with this value in each byte."""
        width, height = size
        self.pictures = picture_memory.share(self.channel, 2, height, width)
        self.pictures[:] = fill

    def ask(self, ticket: int, slot: int = 0, floor: float = 0.2) -> None:
        """Send a request."""
        self.channel.send(Request(ticket, slot, floor).encode())

    def reply(self) -> Reply:
        """The next reply."""
        message = receive(self.channel, _SOON)
        assert message is not None
        return decode_reply(message)

    def is_dropped(self) -> bool:
        """Whether the service has ended the connection, after all that it had sent."""
        while True:
            try:
                if receive(self.channel, 0.0) is None:
                    return False
            except DetectorError:
                return True

    def close(self) -> None:
        """Go away."""
        self.channel.close()


def listen(path: Path) -> socket.socket:
    """A socket of the service."""
    return listening_socket({}, path)


class RunningService:
    """`anoncam detector` at `path`, with these settings in its section detector.

    `settings` are those of a camera that uses it.
    """

    def __init__(self, path: Path, detector: str) -> None:
        self.path = path
        config = path.with_suffix(".yaml")
        config.write_text(f"detector: {{{detector}}}\n")
        path.unlink(missing_ok=True)
        self.settings = load(config, {}).detector.model_copy(update={"service": path})
        self.process = subprocess.Popen(
            [sys.executable, "-m", "anoncam", "detector", f"--config={config}", f"--socket={path}"],
            stdin=subprocess.DEVNULL,
        )
        while not self._listens():
            assert self.process.poll() is None, "the service has ended"
            time.sleep(0.01)

    def _listens(self) -> bool:
        try:
            RawCamera(self.path).close()
        except OSError:
            return False
        return True

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.process.wait(_SOON)

    def detectors(self) -> list[int]:
        """The processes in which the model runs."""
        threads = Path(f"/proc/{self.process.pid}/task").glob("*/children")
        return [int(number) for thread in threads for number in thread.read_text().split()]


@contextlib.contextmanager
def running_service(path: Path, detector: str) -> Iterator[RunningService]:
    """The service, until the end of the block at the latest."""
    service = RunningService(path, detector)
    try:
        yield service
    finally:
        service.kill()
