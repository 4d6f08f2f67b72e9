"""Compares the recordings in a folder with their evidence."""

import errno
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from pathlib import Path

from anoncam.evidence import sidecars
from anoncam.evidence.anchors import Anchor, Comparison, compare
from anoncam.evidence.chain import lines
from anoncam.evidence.chain_reader import ChainFacts, SegmentRecord, read_chain, segment_record
from anoncam.evidence.inspection import Inspection, inspect
from anoncam.evidence.records import Record, is_signed, parse
from anoncam.segments.segment_name import SegmentName, scan

SALVAGED = (
    "it was found at a start and recorded then: until that, whoever could write the folder could"
    " change it or put it there"
)


class State(StrEnum):
    """What the comparison of a segment with its evidence gives."""

    KEPT = "kept"
    DELETED = "deleted by retention"
    MISSING = "missing"
    ALTERED = "altered"
    UNPLAYABLE = "unplayable"
    WITHOUT_EVIDENCE = "without evidence"


@dataclass(frozen=True)
class Verdict:
    """The state of one segment; `what` explains it."""

    name: str
    state: State
    what: str


@dataclass
class Verification:
    """The verdicts on all segments of a folder; `problems` are those of the chain and sidecars."""

    folder: Path
    chain: ChainFacts = field(default_factory=ChainFacts)
    verdicts: list[Verdict] = field(default_factory=list)
    problems: list[str] = field(default_factory=list)
    being_written: int = 0
    anchors: Comparison | None = None

    def count(self, state: State) -> int:
        """How many segments are in `state`."""
        return sum(verdict.state is state for verdict in self.verdicts)


@dataclass(frozen=True)
class _Sidecar:
    """The record in a sidecar, and what it says of the file."""

    record: Record
    file: SegmentRecord


Watch = Callable[[list[SegmentName]], Iterable[SegmentName]]
"""Yields the segments one after the other, and may show the progress."""


def verify(
    folder: Path,
    *,
    play: bool,
    watch: Watch = iter,
    check: Callable[[], None] = lambda: None,
    key: str = "",
    anchors: Sequence[Anchor] = (),
) -> Verification:
    """Compare all segments in `folder` with their evidence; with `play`, play each to its end.

    A daemon may record at the same time. `check` is called for each segment and frame, and may
    raise to end the verification. With `key`, a fingerprint, the evidence must be signed by that
    key, or by one that has followed it. The chain must hold the `anchors`.

    Raises:
        OSError: the folder cannot be read.
    """
    result = Verification(folder)
    segments = scan(folder)
    result.being_written = sum(not segment.finished for segment in segments)

    def inspected(name: str) -> Inspection | None:
        check()
        try:
            return inspect(folder / name, play=play, check=check)
        except FileNotFoundError:
            return None
        except OSError as error:
            return Inspection(0, "", problem=f"it cannot be read: {error.strerror}")

    files = {
        str(each): inspected(str(each))
        for each in watch([each for each in segments if each.finished])
    }
    # The daemon writes the file, then the chain, then the sidecar. So whatever is read here has its
    # record in the chain, which is read last.
    records = _read_sidecars(folder, result)
    result.chain = chain = read_chain(lines(folder))
    result.problems[:0] = chain.problems
    if key and (problem := chain.keys.judge(key)):
        result.problems.append(problem)
    if anchors:
        result.anchors = compare(chain, anchors)
        result.problems += result.anchors.problems
    _compare_sidecars(records, result)
    known = {name: each.file for name, each in records.items()} | chain.segments
    unproven = _unproven(key, chain, records) if key else set()
    for name in sorted({*files, *known, *result.chain.deletions}):
        found = files[name] if name in files else inspected(name)
        verdict = _judge(name, found, known.get(name), chain)
        if verdict.state is State.KEPT and name in unproven:
            verdict = Verdict(name, State.WITHOUT_EVIDENCE, "its record is not signed by the key")
        result.verdicts.append(verdict)
    return result


def _judge(
    name: str, found: Inspection | None, known: SegmentRecord | None, chain: ChainFacts
) -> Verdict:
    reason = chain.deletions.get(name)
    if found is not None:
        state, what = _judge_file(name, found, known, chain)
        undone = state is State.KEPT and reason is not None
        return Verdict(name, state, "its deletion was recorded but not done" if undone else what)
    if reason is not None:
        return Verdict(name, State.DELETED, reason)
    return Verdict(name, State.MISSING, "the file is gone, and no record explains why")


def _judge_file(
    name: str, found: Inspection, known: SegmentRecord | None, chain: ChainFacts
) -> tuple[State, str]:
    if found.sha256 and known is None:
        older = int(name.partition("_")[0]) <= chain.begins_after
        why = "it is older than the chain" if older else "there is no record of it"
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
    return State.KEPT, SALVAGED if known is not None and known.is_salvaged else ""


def _joined(*words: str) -> str:
    return "; ".join(filter(None, words))


def _read_sidecars(folder: Path, result: Verification) -> dict[str, _Sidecar]:
    """The unaltered sidecars, by the names of their segments."""
    records: dict[str, _Sidecar] = {}
    for segment in sidecars.scan(folder):
        name = sidecars.sidecar_of(segment)
        try:
            text = sidecars.read(folder, segment)
        except FileNotFoundError:
            continue
        except OSError as error:
            if error.errno != errno.EFBIG:
                raise
            text = b""
        record = parse(text)
        known = None if record is None else _matching(record, text, segment)
        if record is None or known is None:
            result.problems.append(f"sidecar {name} was altered")
        else:
            records[str(segment)] = _Sidecar(record, known)
    return records


def _matching(record: Record, text: bytes, segment: SegmentName) -> SegmentRecord | None:
    """What the record in a sidecar says, if it has our format and is of that segment."""
    if sidecars.render(record) != text or record.get("segment") != str(segment):
        return None
    if ("key" in record or "signature" in record) and not is_signed(record):
        return None
    try:
        return segment_record(record)
    except ValueError:
        return None


def _compare_sidecars(records: dict[str, _Sidecar], result: Verification) -> None:
    """Find the record of each sidecar in the chain, unless it was dropped."""
    chain = result.chain
    for name, sidecar in records.items():
        number, record_hash = sidecar.record["record"], sidecar.record["hash"]
        if 0 < number <= chain.dropped:
            continue
        if number not in chain.hashes:
            result.problems.append(
                f"the chain lacks record {number}, which the sidecar of {name} holds"
            )
        elif chain.hashes[number] != record_hash:
            result.problems.append(
                f"the sidecar of {name} differs from record {number} of the chain"
            )


def _unproven(key: str, chain: ChainFacts, records: dict[str, _Sidecar]) -> set[str]:
    """The segments whose record no key has signed that belongs to `key`."""
    of_chain = {name for name, number in chain.numbers.items() if number in chain.keys.unsigned}
    # A thief of a revoked key can still sign, and where the record was dropped no link tells when.
    keys = {key, *chain.keys.since} - chain.keys.revoked.keys()
    of_sidecars = {
        name
        for name, sidecar in records.items()
        if name not in chain.numbers and sidecar.record.get("key") not in keys
    }
    return of_chain | of_sidecars
