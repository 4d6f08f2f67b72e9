"""The records that a recorder leaves, also after crashes and failures of the disk."""

import hashlib
from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.events.event import Event
from anoncam.evidence import ledger_writer
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.recording.segment_recorder import SegmentRecorder
from anoncam.segments.segment_name import SegmentName, scan
from tests.support.events import EventLog
from tests.support.evidence_folder import SETTINGS, moving_frames, record, records, retain, sidecar
from tests.support.frames import FakeClock, small_format
from tests.support.recording import roomy

pytestmark = pytest.mark.integration


def test_the_event_of_each_segment_names_the_head_of_the_chain(
    tmp_path: Path, event_log: EventLog
) -> None:
    record(tmp_path, 3)
    retain(tmp_path, 1)
    by_segment = {(each["kind"], each.get("segment")): each["hash"] for each in records(tmp_path)}
    finished, deleted = event_log.of(Event.SEGMENT_FINISHED), event_log.of(Event.RETENTION_DELETED)
    assert [each["chain"] for each in finished] == [
        by_segment["finished", each["name"]] for each in finished
    ]
    assert [each["chain"] for each in deleted] == [
        by_segment["deleted", each["name"]] for each in deleted
    ]
    assert len(finished) == 3
    assert len(deleted) == 2


def test_a_segment_that_a_crash_left_without_a_record_is_recorded_at_the_next_start(
    tmp_path: Path,
) -> None:
    *_, last = record(tmp_path, 3)
    chain = tmp_path / "evidence.jsonl"
    chain.write_bytes(b"".join(chain.read_bytes().splitlines(keepends=True)[:-1]))
    last.with_suffix(".json").unlink()
    LedgerWriter(tmp_path, FakeClock()).prepare(scan(tmp_path))
    content = sidecar(last)
    assert (content["kind"], content["segment"]) == ("salvaged", last.name)
    assert content["sha256"] == hashlib.sha256(last.read_bytes()).hexdigest()
    assert "is not known" in str(content["remark"])
    assert "frames" not in content


def test_a_sidecar_that_a_crash_kept_from_being_written_is_written_at_the_next_start(
    tmp_path: Path,
) -> None:
    *_, last = record(tmp_path, 2)
    before = last.with_suffix(".json").read_bytes()
    last.with_suffix(".json").unlink()
    LedgerWriter(tmp_path, FakeClock()).prepare(scan(tmp_path))
    assert last.with_suffix(".json").read_bytes() == before
    assert len(records(tmp_path)) == 3


def test_a_start_among_old_recordings_reads_none_of_them(tmp_path: Path) -> None:
    for number in range(1, 1001):
        (tmp_path / str(SegmentName(number, FakeClock().utc()))).touch()
    LedgerWriter(tmp_path, FakeClock()).prepare(scan(tmp_path))
    (begun,) = records(tmp_path)
    assert (begun["kind"], begun["newest_segment"]) == ("begun", 1000)


def test_a_start_with_a_chain_that_lost_its_end_reads_only_a_few_segments(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path, 1)
    for number in range(2, 500):
        (tmp_path / str(SegmentName(number, FakeClock().utc()))).touch()
    LedgerWriter(tmp_path, FakeClock()).prepare(scan(tmp_path))
    assert (
        sum(each["kind"] == "salvaged" for each in records(tmp_path)) == ledger_writer.MOST_SALVAGED
    )


def test_recording_goes_on_and_no_record_is_lost_while_evidence_cannot_be_written(
    tmp_path: Path,
    broken: Callable[[bool], None],
    event_log: EventLog,
    caplog: pytest.LogCaptureFixture,
) -> None:
    broken(True)
    recorder = SegmentRecorder(
        SETTINGS, small_format(), tmp_path, FakeClock(), retention=roomy(tmp_path)
    )
    for frame in moving_frames(30):
        recorder.write(frame)
    event_log.wait_for(Event.SEGMENT_FINISHED, 2)
    assert records(tmp_path) == []
    broken(False)
    recorder.finish()
    assert event_log.of(Event.STORAGE_FAILED) == []
    assert [each["chain"] is None for each in event_log.of(Event.SEGMENT_FINISHED)] == [
        True,
        True,
        False,
    ]
    assert [each["kind"] for each in records(tmp_path)] == [
        "begun",
        "finished",
        "finished",
        "finished",
    ]
    assert [each["frames"] for each in records(tmp_path)[1:]] == [10, 10, 10]
    assert len(list(tmp_path.glob("*.json"))) == 3
    assert sum("evidence cannot be recorded" in text for text in caplog.messages) == 1
