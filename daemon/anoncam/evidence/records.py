"""Records of the chain: JSON objects that each hold the hash of the one before."""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

ORIGIN = "0" * 64
"""The hash that the first record holds, since there is no record before it."""

Record = dict[str, Any]

_COMMON = {"record": int, "kind": str, "newest_segment": int, "previous": str, "hash": str}
"""The keys that every record has."""


class Kind(StrEnum):
    """The kinds of records."""

    BEGUN = "begun"
    """The chain begins; segments up to `newest_segment` were recorded before."""
    FINISHED = "finished"
    """A segment was recorded to its end."""
    SALVAGED = "salvaged"
    """A segment was found after a crash; how many frames and faces it holds is not known."""
    DELETED = "deleted"
    """Retention deleted a segment."""
    ZONES = "zones"
    """Zones were added from the network, or taken away that had been."""
    DROPPED = "dropped"
    """Records up to number `through` were dropped to limit the size; `through_hash` is the hash of
    that record."""


def link(content: Mapping[str, object], number: int, previous: str) -> Record:
    """`content` as record `number`, linked to the record whose hash is `previous`."""
    record = {"record": number, **content, "previous": previous}
    return record | {"hash": digest_of(record)}


def line(record: Mapping[str, object]) -> bytes:
    """`record` as a line of the chain: its keys in their order, without blanks."""
    return _canonical(record) + b"\n"


def parse(text: bytes) -> Record | None:
    """The record in a line or a sidecar; None if it is torn or its hash is wrong."""
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
    """Whether a line is incomplete JSON, as a power cut leaves it; an edited line is complete."""
    try:
        json.loads(text)
    except (ValueError, RecursionError):
        return True
    return False


def digest_of(value: object) -> str:
    """The SHA-256 of a JSON value, its keys in their order."""
    return hashlib.sha256(_canonical(value)).hexdigest()


def _canonical(value: object) -> bytes:
    return json.dumps(value, separators=(",", ":"), ensure_ascii=True).encode()
