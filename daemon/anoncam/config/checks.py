"""What a setting must meet beyond its type and range.

Each check raises an error that pydantic puts at the setting's key. `because` in its context names
the other key of the section that makes the value wrong: that is where the user looks when the key
itself stands nowhere.
"""

import re
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

RULE = "rule"
"""The type of these errors: their message is already one for people."""

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?) ?([kMGT]i?)?B?")
_FACTORS = {None: 1} | {
    prefix + suffix: base ** (power + 1)
    for suffix, base in (("", 1000), ("i", 1024))
    for power, prefix in enumerate("kMGT")
}


def byte_count(value: object) -> object:
    """Turn ``500MB``, ``64 GB`` or ``1.5TiB`` into bytes; a whole number is bytes already."""
    if isinstance(value, str):
        match = _SIZE.fullmatch(value)
        if match is None:
            raise ValueError("not a size")
        return int(float(match[1]) * _FACTORS[match[2]])
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("not a size")
    return value


def no_bool(value: object) -> object:
    """Refuse false where 0 is meant: they are equal in Python, so a choice of numbers takes one for
    the other.
    """
    if isinstance(value, bool | float):
        raise ValueError("not a whole number")  # noqa: TRY004 -- pydantic passes a TypeError on
    return value


def printable(text: str) -> str:
    """Refuse characters that nobody sees, such as a line break: no path, URL or name has them."""
    if not text.isprintable():
        raise _rule("holds a character that cannot be seen, must be one line of plain text")
    return text


def root_based(path: Path) -> Path:
    """Refuse a path that would depend on where the daemon was started."""
    printable(str(path))
    if not path.is_absolute():
        raise _rule("is not a whole path, must be one that begins with /")
    return path


def address_fits(address: str | None, source_type: str | None) -> None:
    """Check that `source.address` is what `source.type` opens; its text never enters a message."""
    if address is None:
        if source_type in {"rtsp", "file"}:
            raise _rule(
                f"is missing, must be {_ADDRESSES[source_type]}, since type is {source_type}",
                "type",
            )
    elif source_type == "auto":
        raise _rule(
            "is of no use while type is auto, set type to v4l2, rtsp or file or remove the address",
            "type",
        )
    elif (
        (source_type == "v4l2" and not address.startswith("/"))
        or (source_type == "rtsp" and not _is_rtsp(address))
        or (source_type == "file" and "://" in address)
    ):
        raise _rule(f"does not fit type {source_type}, must be {_ADDRESSES[source_type]}")


_ADDRESSES = {
    "v4l2": "a device node such as /dev/video0",
    "rtsp": "a URL such as rtsp://10.0.0.7/stream, whose special characters are written as %40 (for @) and so on",
    "file": "the path of a video file",
}


def _is_rtsp(address: str) -> bool:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"rtsp", "rtsps"} and bool(parts.hostname) and " " not in address


def keeps_at_most_what_starts(keep: float, start: float | None) -> None:
    """Check that a track is never harder to keep than to start."""
    if start is not None and keep > start:
        raise _rule(
            f"is {keep:g}, must be at most start_threshold, which is {start:g}", "start_threshold"
        )


def simple_polygon(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Refuse a polygon that covers less than it seems to: one without area, or one whose edges
    cross.
    """
    edges = [(points[index - 1], points[index]) for index in range(len(points))]
    for first, second in combinations(edges, 2):
        if _cross(*first, *second):
            raise _rule(
                "has edges that cross, must name its corners in the order in which one walks around it"
            )
    if abs(sum(x0 * y1 - x1 * y0 for (x0, y0), (x1, y1) in edges)) < 1e-9:
        raise _rule("covers nothing, must be a polygon with an area")
    return points


def _cross(
    first: tuple[float, float],
    second: tuple[float, float],
    third: tuple[float, float],
    fourth: tuple[float, float],
) -> bool:
    return (
        _side(first, second, third) * _side(first, second, fourth) < 0
        and _side(third, fourth, first) * _side(third, fourth, second) < 0
    )


def _side(
    start: tuple[float, float], end: tuple[float, float], point: tuple[float, float]
) -> float:
    return (end[0] - start[0]) * (point[1] - start[1]) - (end[1] - start[1]) * (point[0] - start[0])


def _rule(message: str, because: str | None = None) -> PydanticCustomError:
    # The message goes in as a value: in a template, pydantic would read braces as fields.
    return PydanticCustomError(RULE, "{message}", {"message": message, "because": because})
