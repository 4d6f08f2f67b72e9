"""Finds the device nodes that are cameras, and chooses the pixel format to ask them for."""

import fcntl
import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path

from anoncam.sources.v4l2_ioctl import (
    VIDIOC_ENUM_FMT,
    VIDIOC_ENUM_FRAMEINTERVALS,
    VIDIOC_QUERYCAP,
    Capability,
    FormatDescription,
    FrameInterval,
    Ioctl,
)

PIXEL_FORMATS = {
    "NV12": "nv12",
    "YU12": "yuv420p",
    "YUYV": "yuyv422",
    "UYVY": "uyvy422",
    "MJPG": "mjpeg",
    "H264": "h264",
}
"""libav's names of usable formats by the kernel's four-character code, the cheapest first."""

_CAPTURE, _STREAMING, _HAS_DEVICE_CAPS = 0x1, 0x4000000, 0x80000000
_NOT_A_CAMERA = {
    0x2: "an output",
    0x2000: "an output",
    0x4000: "a codec",
    0x8000: "a codec",
    0x20000000: "part of a media pipeline, for libcamera",
}
_FED_BY_PROGRAMS = {"bcm2835-isp", "bcm2835-codec", "pispbe", "rpi-hevc-dec", "rpivid"}
"""Drivers of a Pi whose nodes look like cameras, but give what a program has put in."""

_VIDEO_CAPTURE_BUFFER = 1
_DISCRETE = 1
_ENOUGH = 0.95
"""Part of the wanted frame rate that is good enough."""


@dataclass(frozen=True)
class Node:
    """A device node; `formats` are the four-character codes of its usable pixel formats.

    `objection` is why it is not a camera; empty if it is one.
    """

    path: Path
    card: str = ""
    formats: tuple[str, ...] = ()
    objection: str = ""

    def __str__(self) -> str:
        return f"{self.path} ({self.card})" if self.card else str(self.path)


def list_nodes(folder: Path = Path("/dev"), ioctl: Ioctl = fcntl.ioctl) -> list[Node]:
    """List all nodes `video0`, `video1` … of `folder` by number, also those that are no cameras."""
    numbered = ((re.fullmatch(r"video(\d+)", path.name), path) for path in folder.glob("video*"))
    paths = sorted((int(match[1]), path) for match, path in numbered if match)
    return [inspect(path, ioctl) for _, path in paths]


def inspect(path: Path, ioctl: Ioctl = fcntl.ioctl) -> Node:
    """Find out what `path` is."""
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
    """Choose the cheapest pixel format that reaches `frame_rate` at this size, else the fastest.

    It is returned as libav's name. A USB camera may give 1280x720 at 10 frames per second raw, and
    at 30 as JPEG.

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
    """Return frames per second; 0 if the driver does not report them or does not know the size."""
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
