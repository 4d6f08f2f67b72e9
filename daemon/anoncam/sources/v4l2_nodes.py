"""Which device nodes are cameras, and in which pixel format to ask them for pictures
(linux/videodev2.h).
"""

import ctypes
import fcntl
import os
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

Ioctl = Callable[[int, int, ctypes.Structure], object]
"""Fills the structure for a file descriptor and a request, or raises OSError."""

PIXEL_FORMATS = {
    "NV12": "nv12",
    "YU12": "yuv420p",
    "YUYV": "yuyv422",
    "UYVY": "uyvy422",
    "MJPG": "mjpeg",
    "H264": "h264",
}
"""What can be used, by the kernel's four-character code, the cheapest first; the values are libav's
names."""

_CAPTURE, _STREAMING, _HAS_DEVICE_CAPS = 0x1, 0x4000000, 0x80000000
_NOT_A_CAMERA = {
    0x2: "an output",
    0x2000: "an output",
    0x4000: "a codec",
    0x8000: "a codec",
    0x20000000: "part of a media pipeline, for libcamera",
}
_FED_BY_PROGRAMS = {"bcm2835-isp", "bcm2835-codec", "pispbe", "rpi-hevc-dec", "rpivid"}
"""Drivers of a Pi whose nodes look like cameras and give what a program has put in."""

_VIDEO_CAPTURE_BUFFER = 1
_DISCRETE = 1
_ENOUGH = 0.95


class Capability(ctypes.Structure):
    """struct v4l2_capability."""

    _fields_ = (
        ("driver", ctypes.c_char * 16),
        ("card", ctypes.c_char * 32),
        ("bus_info", ctypes.c_char * 32),
        ("version", ctypes.c_uint32),
        ("capabilities", ctypes.c_uint32),
        ("device_caps", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32 * 3),
    )


class FormatDescription(ctypes.Structure):
    """struct v4l2_fmtdesc."""

    _fields_ = (
        ("index", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("flags", ctypes.c_uint32),
        ("description", ctypes.c_char * 32),
        ("pixelformat", ctypes.c_uint32),
        ("mbus_code", ctypes.c_uint32),
        ("reserved", ctypes.c_uint32 * 3),
    )


class FrameInterval(ctypes.Structure):
    """struct v4l2_frmivalenum; `interval` is the shortest one, as numerator and denominator of
    seconds.
    """

    _fields_ = (
        ("index", ctypes.c_uint32),
        ("pixel_format", ctypes.c_uint32),
        ("width", ctypes.c_uint32),
        ("height", ctypes.c_uint32),
        ("type", ctypes.c_uint32),
        ("interval", ctypes.c_uint32 * 2),
        ("rest_of_union", ctypes.c_uint32 * 4),
        ("reserved", ctypes.c_uint32 * 2),
    )


def _request(direction: int, number: int, structure: type[ctypes.Structure]) -> int:
    # _IOC of asm-generic/ioctl.h: direction, size, type "V", number.
    return direction << 30 | ctypes.sizeof(structure) << 16 | ord("V") << 8 | number


VIDIOC_QUERYCAP = _request(2, 0, Capability)
VIDIOC_ENUM_FMT = _request(3, 2, FormatDescription)
VIDIOC_ENUM_FRAMEINTERVALS = _request(3, 75, FrameInterval)


@dataclass(frozen=True)
class Node:
    """A device node; `formats` are the usable pixel formats (four-character codes), `objection` why
    it is no camera.
    """

    path: Path
    card: str = ""
    formats: tuple[str, ...] = ()
    objection: str = ""

    def __str__(self) -> str:
        return f"{self.path} ({self.card})" if self.card else str(self.path)


def list_nodes(folder: Path = Path("/dev"), ioctl: Ioctl = fcntl.ioctl) -> list[Node]:
    """All nodes `video0`, `video1` … of `folder`, in the order of their numbers, those that are no
    cameras included.
    """
    numbered = ((re.fullmatch(r"video(\d+)", path.name), path) for path in folder.glob("video*"))
    paths = sorted((int(match[1]), path) for match, path in numbered if match)
    return [inspect(path, ioctl) for _, path in paths]


def inspect(path: Path, ioctl: Ioctl = fcntl.ioctl) -> Node:
    """What `path` is."""
    try:
        descriptor = os.open(path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    except OSError as error:
        return Node(path, objection=_why_not_opened(error))
    try:
        return _describe(path, descriptor, ioctl)
    except OSError as error:
        return Node(path, objection=f"is not a video device ({error.strerror})")
    finally:
        os.close(descriptor)


def choose_format(
    node: Node, width: int, height: int, frame_rate: float, ioctl: Ioctl = fcntl.ioctl
) -> str:
    """The cheapest pixel format (libav's name) in which `node` reaches `frame_rate` at this size,
    else the fastest.

    A USB camera may give 1280x720 at 10 frames per second raw, and at 30 as JPEG.

    Raises:
        OSError: the node has gone.
    """
    descriptor = os.open(node.path, os.O_RDWR | os.O_NONBLOCK | os.O_CLOEXEC)
    try:
        rates = {code: _best_rate(descriptor, ioctl, code, width, height) for code in node.formats}
    finally:
        os.close(descriptor)
    fast = [code for code, rate in rates.items() if rate >= frame_rate * _ENOUGH]
    return PIXEL_FORMATS[fast[0] if fast else max(rates, key=lambda code: rates[code])]


def _why_not_opened(error: OSError) -> str:
    if isinstance(error, PermissionError):
        return "may not be opened (the user must be in the group video)"
    return f"cannot be opened ({error.strerror})"


def _describe(path: Path, descriptor: int, ioctl: Ioctl) -> Node:
    capability = Capability()
    ioctl(descriptor, VIDIOC_QUERYCAP, capability)
    card = capability.card.decode(errors="replace")
    objection = _objection(capability)
    if objection:
        return Node(path, card, objection=objection)
    offered = set(_formats(descriptor, ioctl))
    usable = tuple(code for code in PIXEL_FORMATS if code in offered)
    return Node(path, card, usable, "" if usable else "offers no usable pixel format")


def _objection(capability: Capability) -> str:
    flags = capability.capabilities
    if flags & _HAS_DEVICE_CAPS:
        flags = capability.device_caps
    for flag, what in _NOT_A_CAMERA.items():
        if flags & flag:
            return f"is {what}"
    if capability.driver.decode(errors="replace") in _FED_BY_PROGRAMS:
        return "is part of the Pi's picture processor"
    if not flags & _CAPTURE or not flags & _STREAMING:
        return "does not capture video"
    return ""


def _formats(descriptor: int, ioctl: Ioctl) -> Iterator[str]:
    description = FormatDescription(type=_VIDEO_CAPTURE_BUFFER)
    while True:
        try:
            ioctl(descriptor, VIDIOC_ENUM_FMT, description)
        except OSError:
            # EINVAL is the end of the list.
            return
        yield description.pixelformat.to_bytes(4, "little").decode("latin-1")
        description.index += 1


def _best_rate(descriptor: int, ioctl: Ioctl, code: str, width: int, height: int) -> Fraction:
    """Frames per second; 0 where the driver does not say, or does not know the size."""
    best = Fraction(0)
    pixel_format = int.from_bytes(code.encode(), "little")
    entry = FrameInterval(pixel_format=pixel_format, width=width, height=height)
    while True:
        try:
            ioctl(descriptor, VIDIOC_ENUM_FRAMEINTERVALS, entry)
        except OSError:
            return best
        numerator, denominator = entry.interval
        if numerator:
            best = max(best, Fraction(denominator, numerator))
        if entry.type != _DISCRETE:
            return best
        entry.index += 1
