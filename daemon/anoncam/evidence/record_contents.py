"""The contents of evidence records, before they are numbered and linked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import TYPE_CHECKING

from anoncam.clock import NANOSECONDS
from anoncam.evidence.key_file import Signers
from anoncam.evidence.records import Kind, digest_of
from anoncam.segments.segment_name import SegmentName

if TYPE_CHECKING:  # what reads the chain needs no frames
    from anoncam.evidence.segment_counters import SegmentTotals

Content = Mapping[str, object]

_SALVAGED = (
    "found after a crash; how many frames and faces it holds, and how many were veiled,"
    " is not known"
)


@dataclass(frozen=True)
class FinishedSegment:
    """A segment that was recorded to its end; times are wall-clock times in UTC."""

    name: SegmentName
    size: int
    sha256: str
    started: datetime
    ended: datetime
    synchronized: bool
    totals: "SegmentTotals"


@dataclass(frozen=True)
class Deletion:
    """A segment that retention deletes; `uploaded` is false if it was still to be copied."""

    name: SegmentName
    size: int
    reason: str
    uploaded: bool = True


def begun(newest: int) -> Content:
    """The beginning of a chain; segments up to number `newest` are older than it."""
    return {"kind": Kind.BEGUN, "newest_segment": newest}


def finished(segment: FinishedSegment, lost: int) -> Content:
    """A finished segment; `lost` frames are missing between the segment before it and this one."""
    totals = segment.totals
    return {
        "kind": Kind.FINISHED,
        "segment": str(segment.name),
        "bytes": segment.size,
        "sha256": segment.sha256,
        "started": timestamp(segment.started),
        "ended": timestamp(segment.ended),
        "clock_synchronized": segment.synchronized,
        "seconds": round(totals.nanoseconds / NANOSECONDS, 3),
        "frames": totals.frames,
        "frames_veiled": totals.frames_veiled,
        "frames_veiled_because": dict(totals.veils),
        "faces_covered": totals.faces,
        "frames_missing": totals.missing + lost,
        "gaps": totals.gaps + bool(lost),
        "provenance": [{"from_frame": frame, **each.facts()} for frame, each in totals.provenance],
        "newest_segment": segment.name.number,
    }


def salvaged(name: SegmentName, size: int, sha256: str) -> Content:
    """A segment that was found after a crash."""
    return {
        "kind": Kind.SALVAGED,
        "segment": str(name),
        "bytes": size,
        "sha256": sha256,
        "started": timestamp(name.start),
        "remark": _SALVAGED,
        "newest_segment": name.number,
    }


def deleted(deletion: Deletion) -> Content:
    """A deletion by retention."""
    return {
        "kind": Kind.DELETED,
        "segment": str(deletion.name),
        "bytes": deletion.size,
        "reason": deletion.reason,
    }


def key(signers: Signers, before: str | None, previous: str) -> Content:
    """The key of `signers` is in force from the next record on, after the key `before`.

    `previous` is the hash of the record before this one.
    """
    fingerprint = signers.key.fingerprint
    content: dict[str, object] = {"kind": Kind.KEY, "new_key": fingerprint, "replaces": before}
    if before is not None and signers.replaced is not None:
        content["accepted"] = signers.key.accept(before, previous, signers.revoked)
        if signers.revoked:
            content["revoked"] = signers.revoked
    return content


def zones(added: Sequence[object], user: int) -> Content:
    """The zones that were added from the network, all of them, by a user of the machine."""
    return {
        "kind": Kind.ZONES,
        "added": len(added),
        "sha256": digest_of(added),
        "user": user,
    }


def control(what: str, user: int) -> Content:
    """Something that a user of the machine did from the network: ``paused``, ``resumed`` …."""
    return {"kind": Kind.CONTROL, "what": what, "user": user}


def timestamp(time: datetime) -> str:
    """A time as records have it: ISO 8601, to the millisecond."""
    return time.isoformat(timespec="milliseconds")
