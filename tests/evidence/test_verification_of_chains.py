"""Chains and sidecars that someone has altered, and what `verify` reports."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.evidence import chain_reader
from anoncam.evidence import records as records_module
from anoncam.evidence.chain import Chain
from anoncam.evidence.records import ORIGIN, Record, line, link
from anoncam.evidence.verification import State, verify
from anoncam.segments.segment_name import SegmentName
from tests.support.evidence_folder import Recordings, record, records
from tests.support.frames import FakeClock

pytestmark = pytest.mark.integration


def test_every_removed_record_is_reported_even_the_last_one(recordings: Recordings) -> None:
    whole = recordings.chain
    for removed in range(len(whole)):
        recordings.chain = whole[:removed] + whole[removed + 1 :]
        assert recordings.verify(play=False).problems, removed


def test_records_in_another_order_are_reported(recordings: Recordings) -> None:
    whole = recordings.chain
    recordings.chain = [*whole[:2], whole[3], whole[2], *whole[4:]]
    assert recordings.verify(play=False).problems


def test_a_chain_cut_short_is_reported_because_the_sidecars_know_more(
    recordings: Recordings,
) -> None:
    recordings.chain = recordings.chain[:3]
    problems = recordings.verify(play=False).problems
    assert len(problems) == 3
    assert all("the chain lacks record" in problem for problem in problems)


def test_a_chain_that_is_gone_is_reported(recordings: Recordings) -> None:
    (recordings.folder / "evidence.jsonl").unlink()
    assert len(recordings.verify(play=False).problems) == 5


def forged(
    recordings: Recordings, forge: Callable[[Record], Record], *, and_all_after: bool
) -> None:
    """Replace the record of the third segment by a forged one with a hash that fits."""
    texts: list[bytes] = []
    previous = ORIGIN
    for old in records(recordings.folder):
        number, hit = old["record"], old["record"] == 4
        content = {
            key: value for key, value in old.items() if key not in ("hash", "previous", "record")
        }
        again = hit or (and_all_after and number > 4)
        new = link(forge(content) if hit else content, number, previous) if again else old
        previous = new["hash"]
        texts.append(line(new).rstrip(b"\n"))
    recordings.chain = texts


def test_a_forged_record_does_not_fit_the_next_one(recordings: Recordings) -> None:
    forged(
        recordings,
        lambda content: content | {"frames_veiled": 0, "faces_covered": 99},
        and_all_after=False,
    )
    problems = recordings.verify(play=False).problems
    assert any("does not follow record 4" in problem for problem in problems)


def test_a_chain_forged_to_its_end_has_another_head_and_does_not_fit_the_sidecars(
    recordings: Recordings,
) -> None:
    head = recordings.verify(play=False).chain.head
    forged(recordings, lambda content: content | {"faces_covered": 99}, and_all_after=True)
    result = recordings.verify(play=False)
    assert result.chain.problems == []
    assert result.chain.head != head
    assert len(result.problems) == 3
    for path in recordings.folder.glob("*.json"):
        path.unlink()
    # Now only the head that was sent to another computer proves the forgery.
    assert recordings.verify(play=False).problems == []


def test_a_sidecar_that_is_altered_or_of_another_segment_is_reported(
    recordings: Recordings,
) -> None:
    first, second, third, *_ = (path.with_suffix(".json") for path in recordings.segments)
    first.write_text(first.read_text().replace('"frames": 10', '"frames": 11'))
    second.write_bytes(third.read_bytes())
    result = recordings.verify(play=False)
    assert result.problems == [
        f"sidecar {first.name} was altered",
        f"sidecar {second.name} was altered",
    ]


def test_a_sidecar_that_people_read_differently_than_programs_is_reported(
    recordings: Recordings,
) -> None:
    path = recordings.segments[0].with_suffix(".json")
    # Programs take the last of two equal keys, people see the first.
    path.write_text(
        path.read_text().replace('"faces_covered": 0', '"faces_covered": 7,\n  "faces_covered": 0')
    )
    assert recordings.verify(play=False).problems == [f"sidecar {path.name} was altered"]


def test_ten_thousand_records_are_each_parsed_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = json.loads((tmp_path / record(tmp_path, 1)[0].with_suffix(".json").name).read_text())
    contents: list[dict[str, object]] = []
    for number in range(2, 5002):
        name = str(SegmentName(number, FakeClock().utc()))
        contents.append({**content, "segment": name, "newest_segment": number})
        contents.append({"kind": "deleted", "segment": name, "bytes": 1, "reason": "a test"})
    stripped = [
        {key: each[key] for key in each if key not in ("record", "previous", "hash")}
        for each in contents
    ]
    Chain(tmp_path).append(stripped)
    parsed = 0
    parse_record = records_module.parse

    def counting(text: bytes) -> Record | None:
        nonlocal parsed
        parsed += 1
        return parse_record(text)

    monkeypatch.setattr(chain_reader, "parse", counting)
    result = verify(tmp_path, play=False)
    assert result.problems == []
    assert result.count(State.DELETED) == 5000
    assert parsed == result.chain.records == 10_002
