"""Anchors: heads of the chain that were kept where the camera cannot rewrite them.

An anchor is in any of these files: the journal as JSON (``journalctl -o json``), the daemon's event
log, a copy of the chain or of sidecars, and time stamps of `anoncam evidence timestamp`.
"""

import json
import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from anoncam.clock import utc_text
from anoncam.evidence.chain_reader import ChainFacts
from anoncam.evidence.signing_key import is_signature
from anoncam.evidence.timestamps import check_token

_MICROSECONDS = 1_000_000
_HASH = "[0-9a-f]{64}"
_NUMBER = "[0-9]{1,18}"


@dataclass(frozen=True)
class Anchor:
    """The hash of a record as it was when it left the camera; `at` is in UTC, or empty.

    `number` is None where it is not known. `is_signed` is whether the camera's `key` has signed it.
    `problem` is why it cannot be relied on.
    """

    hash: str
    number: int | None
    at: str
    key: str = ""
    is_signed: bool = False
    problem: str = ""

    @property
    def when(self) -> str:
        """The time, for a sentence."""
        return f" of {self.at}" if self.at else ""


@dataclass(frozen=True)
class Comparison:
    """What the anchors say of a chain."""

    found: int
    problems: tuple[str, ...]
    remarks: tuple[str, ...]


def read_anchors(path: Path, authority: Path | None = None) -> list[Anchor]:
    """All anchors in a file; `authority` has the certificates that time stamps are checked by.

    Raises:
        OSError: the file cannot be read.
    """
    content = path.read_bytes()
    try:
        # A sidecar is one object over several lines.
        objects: Iterable[object] = [json.loads(content)]
    except (ValueError, RecursionError):
        objects = _objects(content)
    return [
        anchor
        for each in objects
        if isinstance(each, dict) and (anchor := _anchor(each, authority)) is not None
    ]


def compare(chain: ChainFacts, anchors: Iterable[Anchor]) -> Comparison:
    """Compare a chain with its anchors: it must hold each of them, unless it has dropped it.

    It must hold one at least. Otherwise whoever has the key could write a chain that claims to have
    dropped all of them.
    """
    numbers = {record_hash: number for number, record_hash in chain.hashes.items()}
    last = max(chain.hashes, default=0)
    good: dict[int, Anchor] = {}
    gone: list[Anchor] = []
    remarks: list[str] = []
    for anchor in anchors:
        if anchor.problem:
            remarks.append(anchor.problem)
        elif anchor.hash in numbers:
            good[numbers[anchor.hash]] = anchor
        elif anchor.number is None or anchor.number > chain.dropped:
            gone.append(anchor)
    problems = [_problem(chain, anchor, last, good) for anchor in gone]
    if not good and not gone:
        problems.append(
            "no anchor is in the chain, so nothing shows that it was not written anew: give one of"
            f" a record after {chain.dropped}"
        )
    elif good:
        newest = good[max(good)]
        are = "anchor is" if len(good) == 1 else "anchors are"
        remarks.append(
            f"{len(good)} {are} in the chain; up to record {max(good)}, the chain is that"
            f"{newest.when}"
        )
    return Comparison(len(good), tuple(problems), tuple(remarks))


def _problem(chain: ChainFacts, anchor: Anchor, last: int, good: dict[int, Anchor]) -> str:
    """What happened to the record of an anchor, and since when."""
    number = anchor.number
    known = "" if number is None else f" {number}"
    before = [each for each in good if number is None or each < number]
    since = f"after record {max(before)}{good[max(before)].when}" if before else "at any time"
    if number is not None and number > last:
        what = f"the chain ends with record {last}, so it was cut short or set back to a former one"
    elif number in chain.hashes:
        what = "the chain has another one in its place, so it was replaced"
    else:
        what = "the chain lacks it"
    signed = ", which this camera's key has signed" if anchor.is_signed else ""
    return f"record{known} was sent out with the hash{anchor.when}{signed}: {what}, {since}"


def _objects(content: bytes) -> Iterator[object]:
    for text in content.splitlines():
        try:
            yield json.loads(text)
        except (ValueError, RecursionError):
            continue


def _anchor(given: dict[str, object], authority: Path | None) -> Anchor | None:
    """The anchor in an object: an event of the journal, one of the event log, or a record."""
    fields = given.get("fields")
    if "ANONCAM_CHAIN" in given:
        names = ("CHAIN", "RECORD", "KEY", "SIGNATURE")
        values = [given.get(f"ANONCAM_{name}") for name in names]
        at = _journal_time(given.get("__REALTIME_TIMESTAMP"))
    elif isinstance(fields, dict):
        values = [fields.get(name) for name in ("chain", "record", "key", "signature")]
        at = str(given.get("at", ""))
    else:
        values = [given.get(name) for name in ("hash", "record", "key", "signature")]
        at = str(given.get("written", ""))
    record_hash, number, key, signature = (str(value or "") for value in values)
    if not re.fullmatch(_HASH, record_hash):
        return None
    problem = ""
    if "token" in given:
        at, problem = check_token(record_hash, str(given["token"]), authority)
    is_signed = bool(signature) and is_signature(key, record_hash, signature)
    if signature and not is_signed:
        problem = f"the anchor of record {number}{f' of {at}' if at else ''} has a wrong signature"
    parsed = int(number) if re.fullmatch(_NUMBER, number) else None
    return Anchor(record_hash, parsed, at, key, is_signed, problem)


def _journal_time(microseconds: object) -> str:
    text = str(microseconds)
    if not re.fullmatch(_NUMBER, text):
        return ""
    try:
        return utc_text(datetime.fromtimestamp(int(text) / _MICROSECONDS, UTC))
    except (ValueError, OverflowError):
        return ""
