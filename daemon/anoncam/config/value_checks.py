"""Rules for single values beyond type and range.

Each check raises an error, which pydantic reports at the setting's key. `because` in its context
names another key of the section that makes the value wrong. If nobody has written the key itself,
that other key is the place to look at.
"""

import re
from itertools import combinations
from pathlib import Path
from urllib.parse import urlsplit

from pydantic_core import PydanticCustomError

RULE = "rule"
"""The type of these errors; their message is already one for people."""

_REMOTE = re.compile(r"\w[\w.+@ -]*:[^:]*")

_SIZE = re.compile(r"(\d{1,15}(?:\.\d{1,6})?) *(?:([KMGT]I?)B?|B)", re.IGNORECASE)
_FACTORS = {None: 1} | {
    prefix + suffix: base ** (power + 1)
    for suffix, base in (("", 1000), ("I", 1024))
    for power, prefix in enumerate("KMGT")
}


def byte_count(value: object) -> object:
    """Turn ``500MB``, ``64 gb``, ``50 G`` or ``1.5TiB`` into bytes; an int is bytes already."""
    if isinstance(value, str):
        match = _SIZE.fullmatch(value)
        if match is None:
            raise ValueError("not a size")
        return int(float(match[1]) * _FACTORS[match[2] and match[2].upper()])
    if isinstance(value, bool) or not isinstance(value, int) or value < 0:
        raise ValueError("not a size")
    return value


def no_bool(value: object) -> object:
    """Refuse ``false`` where 0 is allowed, since Python holds the two for equal."""
    if isinstance(value, bool | float):
        raise ValueError("not a whole number")  # noqa: TRY004 -- pydantic passes a TypeError on
    return value


def printable(text: str) -> str:
    """Refuse characters that nobody sees, such as a line break."""
    if not text.isprintable():
        raise _rule("holds a character that cannot be seen, must be one line of plain text")
    return text


def root_based(path: Path) -> Path:
    """Refuse a relative path: it depends on where the daemon was started."""
    printable(str(path))
    if not path.is_absolute():
        raise _rule("is not a whole path, must be one that begins with /")
    return path


def remote(to: str) -> str:
    """Refuse what rclone would not take for a folder of a remote that its own file configures."""
    if not _REMOTE.fullmatch(to) or ".." in to.partition(":")[2].split("/"):
        raise _rule(
            "is not a folder of a remote, must be the name of a remote in rclone.conf, a colon and"
            " a path, such as nas:cameras/garden"
        )
    return to


def address_fits(address: str | None, source_type: str | None) -> None:
    """Check that `source.type` can open `source.address`; messages never hold the address."""
    if address is None:
        if source_type in {"rtsp", "file"}:
            raise _rule(
                f"is missing, must be {_ADDRESSES[source_type]}, since type is {source_type}",
                "type",
            )
    elif source_type == "auto":
        raise _rule(
            "has no effect while type is auto, remove it or set type to v4l2, rtsp or file",
            "type",
        )
    elif (
        (source_type == "v4l2" and not address.startswith("/"))
        or (source_type == "rtsp" and not _is_rtsp(address))
        or (source_type == "file" and "://" in address)
    ):
        raise _rule(f"does not fit type {source_type}, must be {_ADDRESSES[source_type]}")


def user_fits(user: str | None, source_type: str | None, address: str | None) -> None:
    """Check that `source.user` is for a network camera, and the only name of it."""
    if user is None:
        return
    if source_type != "rtsp":
        raise _rule("has no effect, must be null unless type is rtsp", "type")
    if address is not None and "@" in urlsplit(address).netloc:
        raise _rule("is a second name, must be null if one stands in address", "address")


def password_file_fits(file: str | None, user: str | None) -> None:
    """Check that `source.password_file` is one, and that there is a user for it."""
    if file is None:
        return
    if "/" in file and not file.startswith("/"):
        raise _rule(
            "is not a whole path, must be one that begins with /, or the name of a credential"
        )
    if user is None:
        raise _rule("has no effect, must be null unless there is a user", "user")


_ADDRESSES = {
    "v4l2": "a device node such as /dev/video0",
    "rtsp": (
        "a URL such as rtsp://10.0.0.7/stream, with special characters written as %40 (for @) and "
        "so on"
    ),
    "file": "the path of a video file",
}


def _is_rtsp(address: str) -> bool:
    try:
        parts = urlsplit(address)
        _ = parts.port
    except ValueError:
        return False
    return parts.scheme in {"rtsp", "rtsps"} and bool(parts.hostname) and " " not in address


def rtsp_without_password(address: str) -> str:
    """Refuse what is no address of RTSP, or holds a user or a password: those stand elsewhere."""
    if not _is_rtsp(address) or "@" in address:
        raise _rule(
            "is not an address to publish at, must be one such as rtsp://10.0.0.7:8554/stream,"
            " without user and password"
        )
    return address


def keeps_at_most_what_starts(keep: float, start: float | None) -> None:
    """Check that `keep_threshold` is not above `start_threshold`."""
    if start is not None and keep > start:
        raise _rule(
            f"is {keep:g}, must be at most start_threshold, which is {start:g}", "start_threshold"
        )


def simple_polygon(points: tuple[tuple[float, float], ...]) -> tuple[tuple[float, float], ...]:
    """Refuse a polygon without area, or with edges that cross: it covers less than it seems to."""
    edges = [(points[index - 1], points[index]) for index in range(len(points))]
    for first, second in combinations(edges, 2):
        if _cross(*first, *second):
            raise _rule(
                "has edges that cross, must name its corners in their order around the polygon"
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
