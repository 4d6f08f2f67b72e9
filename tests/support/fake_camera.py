"""A USB camera without hardware: libav reads it by V4L2, in a real confined process.

The device is a file, so its memory is mapped as that of a driver. What a driver does is done by a
small library in C, which is preloaded into the fork server of the tests.
"""

import ctypes
import errno
import fcntl
import functools
import mmap
import os
import shutil
import subprocess
import tempfile
from collections.abc import Sequence
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Self

import av
import pytest
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from anoncam.processes import confined_process
from anoncam.sources.v4l2_nodes import Node
from tests.support.clips import LOSSLESS_H264, picture, samples

_SOURCE = Path(__file__).with_name("fake_v4l2.c")
_HEADER = Path("/usr/include/linux/videodev2.h")
_BUFFERS, _PICTURES = 8, 64


class Knobs(ctypes.Structure):
    """`struct camera` of the library; what is set has an effect at once."""

    _fields_ = (
        *((name, ctypes.c_uint32) for name in ("pixel_format", "width", "height", "slot")),
        *((name, ctypes.c_uint32) for name in ("pictures", "pause_us", "step_us")),
        ("sizes", ctypes.c_uint32 * _PICTURES),
        *((name, ctypes.c_uint32) for name in ("silent", "gone", "refusal", "damaged_after")),
        *((name, ctypes.c_uint32) for name in ("given", "queued")),
        *((name, ctypes.c_uint32) for name in ("wanted_format", "wanted_width", "wanted_height")),
        *((name, ctypes.c_uint32) for name in ("wanted_numerator", "wanted_denominator")),
    )


class FakeCamera:
    """A camera that gives `pictures` over and over, one every 20 ms; they are raw I420 by default.

    >>> with FakeCamera(tmp_path) as camera:
    ...     V4l2Source(camera.node, "yuv420p", 96, 64, Fraction(50), ..., opener=camera.open)
    """

    def __init__(
        self,
        folder: Path,
        code: str = "YU12",
        size: tuple[int, int] = (96, 64),
        pictures: Sequence[bytes] = (),
    ) -> None:
        data = pictures or [raw_picture(*size, number) for number in range(50)]
        slot = -(-max(len(each) for each in data) // mmap.PAGESIZE) * mmap.PAGESIZE
        self.path = folder / "video0"
        self.node = Node(self.path, "HD Webcam", (code,))
        with self.path.open("w+b") as file:
            file.truncate(mmap.PAGESIZE + (_BUFFERS + len(data)) * slot)
            for number, each in enumerate(data):
                file.seek(mmap.PAGESIZE + (_BUFFERS + number) * slot)
                file.write(each)
            file.flush()
            self._area = mmap.mmap(file.fileno(), mmap.PAGESIZE)
        self.knobs = Knobs.from_buffer(self._area)
        self.knobs.pixel_format = int.from_bytes(code.encode(), "little")
        self.knobs.width, self.knobs.height = size
        self.knobs.slot, self.knobs.pictures = slot, len(data)
        self.knobs.pause_us = self.knobs.step_us = 20_000
        self.knobs.damaged_after = (1 << 32) - 1
        self.knobs.sizes[: len(data)] = [len(each) for each in data]

    def open(self, path: Path) -> int:
        """Open the file as a device is opened.

        Raises:
            OSError: it is open still, in whatever process: it is busy then, like a device.
        """
        descriptor = os.open(path, os.O_RDWR | os.O_CLOEXEC)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            raise OSError(errno.EBUSY, "it is open still") from None
        return descriptor

    @property
    def is_free(self) -> bool:
        """Whether nobody has it open."""
        try:
            os.close(self.open(self.path))
        except OSError:
            return False
        return True

    def __enter__(self) -> Self:
        library = str(built_library())
        confined_process._server.close()
        os.environ["LD_PRELOAD"] = library
        try:
            confined_process.start_fork_server()
        finally:
            del os.environ["LD_PRELOAD"]
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        confined_process._server.close()


def raw_picture(width: int, height: int, number: int) -> bytes:
    """Picture `number` as raw I420."""
    return b"".join(plane.tobytes() for plane in samples(width, height, number))


def encoded(
    codec: str, pix_fmt: str, size: tuple[int, int] = (96, 64), count: int = 10
) -> list[bytes]:
    """Pictures 0 to `count` as a camera sends them."""
    context = av.CodecContext.create(codec, "w")
    assert isinstance(context, VideoCodecContext)
    context.width, context.height, context.pix_fmt = *size, pix_fmt
    context.time_base = Fraction(1, 50)
    if codec == "libx264":
        context.options = {**LOSSLESS_H264, "tune": "zerolatency"}
    packets: list[av.Packet[VideoStream]] = []
    for number in range(count):
        frame = picture(*size, number).reformat(format=pix_fmt)
        frame.pts = number
        packets += context.encode(frame)
    return [bytes(packet) for packet in [*packets, *context.encode(None)]]


@functools.cache
def built_library() -> Path:
    """Compile the library; the test is skipped where nothing can."""
    compiler = shutil.which("cc")
    if compiler is None or not _HEADER.exists():
        pytest.skip("no compiler (cc) or no headers of the kernel, for a driver of the tests")
    library = Path(tempfile.mkdtemp(prefix="anoncam-tests-")) / "fake_v4l2.so"
    subprocess.run(
        [compiler, "-shared", "-fPIC", "-O2", "-Wall", "-Werror", "-o", library, _SOURCE],
        check=True,
    )
    return library
