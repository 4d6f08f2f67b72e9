"""Records of the chain: JSON objects that each hold the hash of the one before.

A signed record also holds the fingerprint of its key, which the hash covers, and the signature of
the hash.
"""

import hashlib
import json
from collections.abc import Mapping
from enum import StrEnum
from typing import Any

from anoncam.evidence.signing_key import SigningKey, is_signature
from anoncam.segments.segment_name import LARGEST_NUMBER

ORIGIN = "0" * 64
"""The hash that the first record holds, since there is no record before it."""

Record = dict[str, Any]

_COMMON = {"record": int, "kind": str, "newest_segment": int, "previous": str, "hash": str}
"""The keys that every record has."""

_OUTSIDE = ("hash", "signature")
"""The keys that the hash does not cover."""


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
    CONTROL = "control"
    """The recording was paused or resumed, or the daemon restarted, from the network."""
    ZONES = "zones"
    """Zones were added from the network, or taken away that had been."""
    DROPPED = "dropped"
    """Records up to number `through` were dropped to limit the size; `through_hash` is the hash of
    that record."""
    KEY = "key"
    """From the next record on, `new_key` signs, after the key `replaces`. That key has signed this
    record, and `accepted` is signed by the new one. A first key signs for itself."""


def link(
    content: Mapping[str, object], number: int, previous: str, key: SigningKey | None = None
) -> Record:
    """`content` as record `number`, linked to the record whose hash is `previous`, and signed."""
    record: Record = {"record": number, **content}
    if key is not None:
        record["key"] = key.fingerprint
    record["previous"] = previous
    record["hash"] = digest_of(record)
    if key is not None:
        record["signature"] = key.sign(record["hash"])
    return record


def is_signed(record: Record) -> bool:
    """Whether the signature of a record is one of the key that the record names."""
    key, signature = record.get("key"), record.get("signature")
    return (
        isinstance(key, str)
        and isinstance(signature, str)
        and is_signature(key, record["hash"], signature)
    )


def key_after(record: Record) -> str | None:
    """The fingerprint of the key that signs what follows a record; None if nothing is signed."""
    key = record.get("new_key") if record["kind"] == Kind.KEY else record.get("key")
    return None if key is None else str(key)


def proof(record: Record | None) -> dict[str, Any]:
    """What an event holds of a record beside its hash, so that it can be found and checked later.

    None of it is there while the disk takes no records.
    """
    names = ("record", "key", "signature")
    return {} if record is None else {name: record[name] for name in names if name in record}


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
    if not all(0 <= record[key] <= LARGEST_NUMBER for key in ("record", "newest_segment")):
        return None
    content = {key: value for key, value in record.items() if key not in _OUTSIDE}
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
