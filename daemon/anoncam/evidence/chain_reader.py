"""Reads a chain from its beginning and reports where it was tampered with."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import timedelta

from anoncam.clock import parse_time
from anoncam.evidence.records import ORIGIN, Kind, Record, is_torn, line, parse
from anoncam.evidence.succession import Keys, follow
from anoncam.segments import segment_name

_CLOCK_STEP = timedelta(seconds=10)
"""A clock that goes back by less is being adjusted by its time server."""


_MOST_WRONG = 10_000
"""Lines that are torn, altered or forged; more of them would only fill the memory."""


@dataclass(frozen=True)
class SegmentRecord:
    """The file of a segment by its record; `frames` is None where it is not known.

    One `is_salvaged` was recorded at the start after a crash.
    """

    size: int
    sha256: str
    frames: int | None
    is_salvaged: bool = False


@dataclass
class ChainFacts:
    """What is in a chain.

    `problems` are signs of tampering. `remarks` are what power cuts and the limited size explain.
    """

    records: int = 0
    head: str = ""
    first: int = 0
    begins_after: int = 0
    """Segments up to this number were recorded before the chain began."""
    dropped: int = 0
    """Records up to this number were dropped to limit the size."""
    hashes: dict[int, str] = field(default_factory=dict)
    segments: dict[str, SegmentRecord] = field(default_factory=dict)
    deletions: dict[str, str] = field(default_factory=dict)
    """The reason for the deletion, by the name of the segment."""
    keys: Keys = field(default_factory=Keys)
    numbers: dict[str, int] = field(default_factory=dict)
    """The number of the record, by the name of the segment."""
    problems: list[str] = field(default_factory=list)
    remarks: list[str] = field(default_factory=list)


def read_chain(lines: Iterable[bytes]) -> ChainFacts:
    """The facts of a chain, of which `lines` are all lines in order."""
    facts = ChainFacts()
    reader = _Reader(facts)
    for number, text in enumerate(lines, 1):
        reader.take(number, text)
        if reader.wrong > _MOST_WRONG:
            facts.problems.append(f"the chain is spoilt: it is not read beyond line {number}")
            break
    reader.end()
    return facts


def segment_record(record: Record) -> SegmentRecord:
    """What the record of a segment says of its file.

    Raises:
        ValueError: anoncam does not write such a record.
    """
    frames = record.get("frames")
    if not {"bytes", "sha256"} <= record.keys() or not isinstance(frames, int | None):
        raise ValueError(f"record {record['record']} lacks keys of a segment's record")
    return SegmentRecord(
        record["bytes"], record["sha256"], frames, is_salvaged=record["kind"] == Kind.SALVAGED
    )


class _Reader:
    """Follows the links from record to record.

    A line that is no record is judged once the next record is known.
    """

    def __init__(self, facts: ChainFacts) -> None:
        self._facts = facts
        self._last: Record | None = None
        self._first: Record | None = None
        self._dropped: dict[int, str] = {}
        self._odd: list[tuple[int, bool]] = []

    @property
    def wrong(self) -> int:
        """How much is wrong so far."""
        return len(self._odd) + len(self._facts.problems) + len(self._facts.remarks)

    def take(self, number: int, text: bytes) -> None:
        record = parse(text)
        if record is None or line(record) != text + b"\n":
            self._odd.append((number, is_torn(text)))
            return
        self._link(record)
        self._compare_clocks(record)
        self._last = record
        self._first = self._first or record
        problem = follow(self._facts.keys, record)
        if problem:
            self._facts.problems.append(problem)
        try:
            self._enter(record)
        except (KeyError, TypeError, ValueError):
            self._facts.problems.append(f"record {record['record']} is not one that anoncam writes")

    def end(self) -> None:
        facts = self._facts
        self._report_odd(linked=True)
        if self._last is not None:
            facts.head = self._last["hash"]
        if facts.keys.unsigned and facts.keys.since:
            facts.remarks.append(
                f"records up to {max(facts.keys.unsigned)} are not signed: anybody who could write"
                " the folder may have written them"
            )
        if self._first is None:
            return
        number, previous = self._first["record"], self._first["previous"]
        facts.first = number
        was_dropped = self._dropped.get(number - 1) == previous
        if number > 1 and was_dropped:
            facts.dropped = number - 1
            facts.remarks.append(
                f"records up to {number - 1} were dropped to limit the size of the chain"
            )
        elif number > 1 or previous != ORIGIN:
            facts.problems.append(
                f"the chain begins with record {number}: those before it are missing"
            )

    def _link(self, record: Record) -> None:
        last, number = self._last, record["record"]
        if last is None:
            self._report_odd(linked=True)
            return
        linked = number == last["record"] + 1 and record["previous"] == last["hash"]
        odd = bool(self._odd)
        self._report_odd(linked=linked)
        if linked or (odd and number > last["record"]):
            return
        if number > last["record"] + 1:
            missing = (
                f"{last['record'] + 1} to {number - 1}"
                if number > last["record"] + 2
                else f"{number - 1}"
            )
            self._facts.problems.append(
                f"after record {last['record']}, records are missing: {missing}"
            )
        elif number <= last["record"]:
            self._facts.problems.append(
                f"record {number} comes after record {last['record']}: out of order or twice"
            )
        else:
            self._facts.problems.append(
                f"record {number} does not follow record {last['record']}: one was replaced"
            )

    def _compare_clocks(self, record: Record) -> None:
        """Report where the clock of the machine has gone back."""
        if self._last is None:
            return
        before, now = parse_time(self._last.get("written")), parse_time(record.get("written"))
        if before is not None and now is not None and before - now > _CLOCK_STEP:
            self._facts.remarks.append(
                f"the clock was set back by {before - now} before record {record['record']}, at"
                f" {self._last['written']}"
            )

    def _report_odd(self, *, linked: bool) -> None:
        """Report the lines that are no records, before a record that is `linked` to the last one.

        A torn line comes from a power cut: its record was never in force, so the next record links
        to the one before it.
        """
        for number, torn in self._odd:
            if linked and torn:
                self._facts.remarks.append(
                    f"line {number} of the chain is torn, as a power cut leaves it"
                )
            else:
                self._facts.problems.append(f"line {number} of the chain was altered")
        self._odd.clear()

    def _enter(self, record: Record) -> None:
        facts = self._facts
        facts.records += 1
        facts.hashes[record["record"]] = record["hash"]
        match record["kind"]:
            case Kind.FINISHED | Kind.SALVAGED:
                name = _segment(record)
                facts.segments[name] = segment_record(record)
                facts.numbers[name] = record["record"]
            case Kind.DELETED:
                facts.deletions[_segment(record)] = str(record["reason"])
            case Kind.BEGUN:
                facts.begins_after = record["newest_segment"]
            case Kind.DROPPED:
                self._dropped[record["through"]] = record["through_hash"]


def _segment(record: Record) -> str:
    """The name of the segment, checked, since any other name could lead out of the folder."""
    name = str(record["segment"])
    if segment_name.parse(name) is None:
        raise ValueError(f"{name} is not the name of a segment")
    return name
