"""Holds the recordings in a folder against their evidence."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from anoncam.evidence import sidecars
from anoncam.evidence.chain import lines
from anoncam.evidence.chain_reader import ChainFacts, SegmentRecord, read_chain, segment_record
from anoncam.evidence.playback import Examined, examine
from anoncam.evidence.records import Record, parse
from anoncam.segments.segment_name import SegmentName, scan


class State(StrEnum):
    """How a segment stands to its evidence."""

    KEPT = "kept"
    DELETED = "deleted by retention"
    MISSING = "missing"
    ALTERED = "altered"
    UNPLAYABLE = "unplayable"
    WITHOUT_EVIDENCE = "without evidence"


@dataclass(frozen=True)
class Finding:
    """What was found of one segment."""

    name: str
    state: State
    what: str


@dataclass
class Verification:
    """All that was found in a folder; `problems` are those of the chain and the sidecars."""

    folder: Path
    chain: ChainFacts = field(default_factory=ChainFacts)
    findings: list[Finding] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    being_written: int = 0

    def count(self, state: State) -> int:
        """How many segments are in `state`."""
        return sum(finding.state is state for finding in self.findings)


_Sidecar = tuple[int, str, SegmentRecord]
"""The number of its record, its hash, and what it says."""

Watch = Callable[[list[SegmentName]], Iterable[SegmentName]]
"""Hands the segments on one after the other, and may show how far it is."""


def verify(
    folder: Path, *, play: bool, watch: Watch = iter, check: Callable[[], None] = lambda: None
) -> Verification:
    """Examine all segments in `folder`, with `play` to their ends; a daemon may go on recording
    meanwhile.

    `check` is called again and again, and may raise.

    Raises:
        OSError: the folder cannot be read.
    """
    result = Verification(folder)
    segments = scan(folder)
    result.being_written = sum(not segment.finished for segment in segments)

    def look(name: str) -> Examined | None:
        check()
        try:
            return examine(folder / name, play=play, check=check)
        except FileNotFoundError:
            return None
        except OSError as error:
            return Examined(0, "", problem=f"it cannot be read: {error.strerror}")

    examined = {
        str(each): look(str(each)) for each in watch([each for each in segments if each.finished])
    }
    # The daemon writes the file first, then the chain, then the sidecar: read in that order, none
    # can be missed.
    beside = _read_sidecars(folder, result)
    result.chain = read_chain(lines(folder))
    result.problems[:0] = result.chain.problems
    known = _compare_sidecars(beside, result) | result.chain.segments
    for name in sorted({*examined, *known, *result.chain.deletions}):
        found = examined[name] if name in examined else look(name)
        result.findings.append(_judge(name, found, known.get(name), result.chain))
    return result


def _judge(
    name: str, found: Examined | None, known: SegmentRecord | None, chain: ChainFacts
) -> Finding:
    reason = chain.deletions.get(name)
    if found is not None:
        state, what = _judge_file(name, found, known, chain)
        undone = state is State.KEPT and reason is not None
        return Finding(name, state, "its deletion was recorded, but not done" if undone else what)
    if reason is not None:
        return Finding(name, State.DELETED, reason)
    return Finding(name, State.MISSING, "the file is gone, and no record says why")


def _judge_file(
    name: str, found: Examined, known: SegmentRecord | None, chain: ChainFacts
) -> tuple[State, str]:
    if found.sha256 and known is None:
        older = int(name.partition("_")[0]) <= chain.begins_after
        why = "it is older than the chain" if older else "no record tells of it"
        return State.WITHOUT_EVIDENCE, _joined(why, found.problem)
    if found.sha256 and known is not None and found.sha256 != known.sha256:
        sizes = (
            f"{found.size} bytes instead of {known.size}"
            if found.size != known.size
            else "other content"
        )
        return State.ALTERED, _joined(sizes, found.problem)
    if found.problem:
        return State.UNPLAYABLE, found.problem
    if (
        known is not None
        and None not in (found.frames, known.frames)
        and found.frames != known.frames
    ):
        return State.UNPLAYABLE, f"{found.frames} of {known.frames} frames play"
    return State.KEPT, ""


def _joined(*words: str) -> str:
    return "; ".join(filter(None, words))


def _read_sidecars(folder: Path, result: Verification) -> dict[str, _Sidecar]:
    """Whole sidecars, by the names of their segments."""
    records: dict[str, _Sidecar] = {}
    for segment in sidecars.scan(folder):
        name = sidecars.sidecar_of(segment)
        try:
            text = (folder / name).read_bytes()
        except FileNotFoundError:
            continue
        record = parse(text)
        known = None if record is None else _matching(record, text, segment)
        if record is None or known is None:
            result.problems.append(f"sidecar {name} was altered")
        else:
            records[str(segment)] = record["record"], record["hash"], known
    return records


def _matching(record: Record, text: bytes, segment: SegmentName) -> SegmentRecord | None:
    """What the record in a sidecar says, if it is written as anoncam writes it, and is of that very
    segment.
    """
    if sidecars.render(record) != text or record.get("segment") != str(segment):
        return None
    try:
        return segment_record(record)
    except ValueError:
        return None


def _compare_sidecars(
    beside: dict[str, _Sidecar], result: Verification
) -> dict[str, SegmentRecord]:
    """What sidecars say of segments, for where the chain says nothing (any more)."""
    chain = result.chain
    for name, (number, record_hash, _) in beside.items():
        if number <= chain.dropped:
            continue
        if number not in chain.hashes:
            result.problems.append(
                f"the chain lacks record {number}, which the sidecar of {name} holds"
            )
        elif chain.hashes[number] != record_hash:
            result.problems.append(
                f"the sidecar of {name} is not what record {number} of the chain says"
            )
    return {name: known for name, (_, _, known) in beside.items()}
