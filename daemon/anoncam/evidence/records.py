"""Records: JSON objects that each hold the hash of the one before."""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

ORIGIN = "0" * 64
"""What stands for the hash of the record before the first one."""

Record = dict[str, Any]

_COMMON = {"record": int, "kind": str, "newest_segment": int, "previous": str, "hash": str}
"""What every record has."""


class Kind(StrEnum):
    """What a record tells."""

    BEGUN = "begun"
    """The chain begins; segments up to `newest_segment` are older than it."""
    FINISHED = "finished"
    """A segment was recorded to its end."""
    SALVAGED = "salvaged"
    """A segment was found after a crash: its file is known, what was counted in it is not."""
    DELETED = "deleted"
    """Retention deleted a segment."""
    DROPPED = "dropped"
    """Records up to `through`, the last with the hash `through_hash`, were given up to bound the
    chain."""


def seal(content: Mapping[str, object], number: int, previous: str) -> Record:
    """`content` as record `number`, after the record whose hash is `previous`."""
    record = {"record": number, **content, "previous": previous}
    return record | {"hash": digest_of(record)}


def line(record: Mapping[str, object]) -> bytes:
    """The one line that `record` is written as: its keys in their order, without blanks."""
    return _canonical(record) + b"\n"


def parse(text: bytes) -> Record | None:
    """The record in a line, or in the lines of a sidecar; None where it is torn, or not what its
    hash says.
    """
    try:
        record = json.loads(text)
    except (ValueError, RecursionError):
        return None
    if not isinstance(record, dict) or not all(
        isinstance(record.get(key), kind) for key, kind in _COMMON.items()
    ):
        return None
    content = {key: value for key, value in record.items() if key != "hash"}
    return record if record.get("hash") == digest_of(content) else None


def is_torn(text: bytes) -> bool:
    """Whether a line is no whole JSON, as a power cut leaves one; an edited one still is."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return True
    return False


def digest_of(value: object) -> str:
    """The SHA-256 of a value of JSON, its keys in their order."""
    return hashlib.sha256(_canonical(value)).hexdigest()


def _canonical(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode()
