"""The ioctls that describe a V4L2 device node, as in linux/videodev2.h."""

import ctypes
from collections.abc import Callable

Ioctl = Callable[[int, int, ctypes.Structure], object]
"""Fills the structure for a file descriptor and a request, or raises OSError."""


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
    """struct v4l2_frmivalenum; `interval` is the shortest, in seconds as numerator, denominator."""

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
