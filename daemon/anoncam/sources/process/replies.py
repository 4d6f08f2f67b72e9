"""What the child says of what it has read, as plain values: they are checked by the parent.

Nothing here takes long to load, as the schema of the messages does.
"""

from dataclasses import asdict
from fractions import Fraction
from pathlib import Path

from anoncam.frames.frame import FrameFormat
from anoncam.sources.timestamps import Part

Reply = dict[str, object]
"""The fields of one of the messages in `messages.py`."""

DONE: Reply = {}
"""What was asked for is done."""

LONGEST_TEXT = 4000
"""Characters of the longest text that the parent takes."""

LARGEST_NUMBER = 1 << 62
"""The largest count or time that the parent takes; a time may be as far below zero."""

LARGEST_ERRNO = 4095
"""The largest number of an error of the kernel; libav's own are larger."""

NAMELESS = Path("\ufffc/\ufffc")
"""What the child calls the file, whose name it does not learn. The parent puts the name in."""


def describe(frame: FrameFormat) -> Reply:
    """The fields of `Format`."""
    return {
        "width": frame.width,
        "height": frame.height,
        "layout": str(frame.layout),
        "frame_rate": ratio(frame.frame_rate),
        "rotation": frame.rotation,
        "color_range": frame.color_range,
        "colorspace": frame.colorspace,
        "color_primaries": frame.color_primaries,
        "color_trc": frame.color_trc,
        "sample_aspect_ratio": ratio(frame.sample_aspect_ratio),
        "fields": str(frame.fields),
    }


def ratio(fraction: Fraction) -> tuple[int, int]:
    """A fraction as a message has it."""
    return fraction.numerator, fraction.denominator


def part_of(part: Part) -> tuple[int, int, int]:
    """A part of a file as a message has it."""
    begin, offset, jump = asdict(part).values()
    return begin, offset, jump
