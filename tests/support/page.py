"""The web page of a daemon, as a process of its own, and a browser that looks at it."""

import contextlib
import os
import shutil
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
import skimage.data

from anoncam.web.passwords import Role, write
from tests.support.portrait import FACE

PASSWORD = "correct horse battery"  # noqa: S105 - of a test
GUEST = "only looking around"

CHROMIUM = shutil.which("chromium") or shutil.which("chromium-browser")

SIZE = (640, 480)
_SOON = 60


def portrait_film(path: Path, frames: int = 60, rate: int = 15) -> Path:
    """A film of the portrait, which stands at the left and trembles a little."""
    portrait = av.VideoFrame.from_ndarray(skimage.data.astronaut(), "rgb24").reformat(480, 480)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=rate, options={"crf": "12"})
        stream.width, stream.height = SIZE
        stream.pix_fmt = "yuv420p"
        for number in range(frames):
            picture = np.full((SIZE[1], SIZE[0], 3), 90, np.uint8)
            shift = 2 * (number % 3)
            picture[:, shift : shift + 480] = portrait.to_ndarray()
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, "rgb24")))
        container.mux(stream.encode(None))
    return path


def face_of_film() -> tuple[int, int, int, int]:
    """x, y, width and height of the face in the film, in pixels, within a few of them."""
    x, y, width, height = (round(each * 480 / 512) for each in FACE)
    return x, y, width, height


def clear_luma() -> np.ndarray:
    """The luma of the film without squares, shape (480, 480)."""
    portrait = av.VideoFrame.from_ndarray(skimage.data.astronaut(), "rgb24")
    return portrait.reformat(480, 480, "gray").to_ndarray()


class Page:
    """`anoncam web run` for the daemon in `state`, with passwords for both roles."""

    def __init__(self, state: Path, folder: Path) -> None:
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            self.port = free.getsockname()[1]
        self.address = f"http://localhost:{self.port}"
        write(folder, Role.ADMIN, PASSWORD)
        write(folder, Role.VIEWER, GUEST)
        command = [sys.executable, "-m", "anoncam", "web", "run", "--folder", str(folder)]
        self.process = subprocess.Popen(
            [*command, "--runtime-folder", str(state), "--port", str(self.port)],
            stderr=subprocess.DEVNULL,
            env=os.environ.copy(),
        )
        self._wait()

    def _wait(self) -> None:
        pause, until = threading.Event(), time.monotonic() + _SOON
        while time.monotonic() < until:
            assert self.process.poll() is None, "the page has ended"
            with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", self.port)):
                return
            pause.wait(0.05)
        raise AssertionError("the page did not come")

    def kill(self) -> None:
        """End it."""
        self.process.kill()
        self.process.wait()


@contextlib.contextmanager
def served(state: Path, folder: Path) -> Iterator[Page]:
    """A page that ends with the test."""
    page = Page(state, folder)
    try:
        yield page
    finally:
        page.kill()
