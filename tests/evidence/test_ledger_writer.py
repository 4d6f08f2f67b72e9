"""The evidence that a recorder leaves: what is in it, and what crashes and disks do to it."""

import errno
import hashlib
import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any, cast

import pytest

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import Config, CoverageSettings
from anoncam.detectors.detector import DetectorInfo
from anoncam.events.event import Event
from anoncam.evidence import chain as chain_module
from anoncam.evidence import ledger_writer, sidecars
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.evidence.provenance import Provenance, summarise
from anoncam.recording.retention import Retention
from anoncam.recording.segment_recorder import SegmentRecorder
from anoncam.segments.segment_name import SegmentName, scan
from anoncam.tracking.coverage import Coverage, CoverBox
from tests.support.events import EventLog
from tests.support.evidence_folder import SETTINGS, moving_frames, record, records, retain, roomy
from tests.support.frames import FakeClock, as_anonymized, blank, paint, small_format

pytestmark = pytest.mark.integration

DETECTOR = DetectorInfo("a-model", "ab" * 32, (640, 384), "cpu", "it is there", "a-runtime 1.0")


def sidecar(segment: Path) -> dict[str, object]:
    content: dict[str, object] = json.loads(segment.with_suffix(".json").read_text())
    return content


def test_a_sidecar_tells_who_answers_for_a_segment_what_was_covered_in_it(tmp_path: Path) -> None:
    clock, settings = FakeClock(), [summarise(Config())]
    recorder = SegmentRecorder(
        SETTINGS.model_copy(update={"segment_length": 60}),
        small_format(),
        tmp_path,
        clock,
        retention=roomy(tmp_path),
        provenance=lambda: Provenance(settings[0], DETECTOR),
    )
    face = CoverBox((0, 0, 8, 8), "track 1")
    for number in range(30):
        raw = blank(small_format())
        paint(raw, number * NANOSECONDS // 10)
        raw.sequence = number if number < 12 else number + 5
        recorder.write(
            as_anonymized(raw, Coverage((face,) * (number % 2), "no answer" if number < 4 else ""))
        )
        clock.advance(0.1)
        if number == 22:
            settings[0] = summarise(Config(coverage=CoverageSettings(persistence=3.0)))
    recorder.finish()

    (segment,) = tmp_path.glob("*.mp4")
    told = sidecar(segment)
    assert told["sha256"] == hashlib.sha256(segment.read_bytes()).hexdigest()
    assert told["bytes"] == segment.stat().st_size
    assert (told["frames"], told["frames_veiled"], told["frames_veiled_because"]) == (
        30,
        4,
        {"no answer": 4},
    )
    assert (told["faces_covered"], told["frames_missing"], told["gaps"]) == (15, 5, 1)
    assert str(told["software"]).startswith("anoncam ")
    assert told["started"] == "2026-07-14T09:15:00.000+00:00"
    assert str(told["ended"]) > str(told["started"])
    assert told["clock_synchronized"] in {True, False}
    before, after = cast("list[dict[str, Any]]", told["provenance"])
    assert (before["from_frame"], after["from_frame"]) == (0, 23)
    assert before["detector"]["sha256"] == "ab" * 32
    assert before["settings"]["coverage"]["start_threshold"] == 0.85
    assert (
        before["settings"]["coverage"]["persistence"],
        after["settings"]["coverage"]["persistence"],
    ) == (
        0.5,
        3.0,
    )
    assert before["settings"]["configuration_sha256"] != after["settings"]["configuration_sha256"]
    assert segment.with_suffix(".json").stat().st_mode & 0o007 == 0


def test_frames_lost_between_two_segments_are_told_by_the_second(tmp_path: Path) -> None:
    recorder = SegmentRecorder(
        SETTINGS, small_format(), tmp_path, FakeClock(), retention=roomy(tmp_path)
    )
    for number in range(20):
        raw = blank(small_format())
        paint(raw, number * NANOSECONDS // 10)
        raw.sequence = number if number < 10 else number + 7
        recorder.write(as_anonymized(raw))
    recorder.finish()
    first, second = sorted(tmp_path.glob("*.mp4"))
    assert (sidecar(first)["frames_missing"], sidecar(second)["frames_missing"]) == (0, 7)


def test_the_event_of_each_segment_tells_the_head_of_the_chain(
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


def test_a_sidecar_outlives_its_segment_and_the_deletion_is_one_more_record(tmp_path: Path) -> None:
    first, *_ = record(tmp_path, 3)
    before = first.with_suffix(".json").read_bytes()
    chain = (tmp_path / "evidence.jsonl").read_bytes()
    retain(tmp_path, 1)
    assert not first.exists()
    assert first.with_suffix(".json").read_bytes() == before
    assert (tmp_path / "evidence.jsonl").read_bytes().startswith(chain)
    last = records(tmp_path)[-2]
    assert (last["kind"], last["segment"], "max_size" in last["reason"]) == (
        "deleted",
        first.name,
        True,
    )


def test_sidecars_of_segments_that_are_gone_do_not_grow_in_number_for_ever(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [SegmentName(number, FakeClock().utc()) for number in range(1, 30)]
    for name in names:
        (tmp_path / sidecars.sidecar_of(name)).write_text("{}")
    (tmp_path / "notes.json").write_text("{}")
    sidecars.prune(tmp_path, set(names[25:]), most=10)
    assert sidecars.scan(tmp_path) == names[15:]
    assert (tmp_path / "notes.json").exists()


def test_evidence_counts_towards_the_size_that_is_kept(tmp_path: Path) -> None:
    segments = record(tmp_path, 4)
    footage = sum(path.stat().st_size for path in segments)
    beside = sum(path.stat().st_size for path in tmp_path.glob("*.json"))
    chain = (tmp_path / "evidence.jsonl").stat().st_size
    retain(tmp_path, footage + beside + chain)
    assert len(list(tmp_path.glob("*.mp4"))) == 4
    retain(tmp_path, footage + beside + chain - 1)
    assert len(list(tmp_path.glob("*.mp4"))) == 3


def test_a_crash_between_a_segment_and_its_record_is_made_good_at_the_next_start(
    tmp_path: Path,
) -> None:
    *_, last = record(tmp_path, 3)
    chain = tmp_path / "evidence.jsonl"
    chain.write_bytes(b"".join(chain.read_bytes().splitlines(keepends=True)[:-1]))
    last.with_suffix(".json").unlink()
    LedgerWriter(tmp_path, FakeClock()).prepare(scan(tmp_path))
    told = sidecar(last)
    assert (told["kind"], told["segment"]) == ("salvaged", last.name)
    assert told["sha256"] == hashlib.sha256(last.read_bytes()).hexdigest()
    assert "is not known" in str(told["remark"])
    assert "frames" not in told


def test_a_crash_between_a_record_and_its_sidecar_is_made_good_at_the_next_start(
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


def test_a_chain_that_has_lost_its_end_does_not_hold_up_the_start(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    record(tmp_path, 1)
    for number in range(2, 500):
        (tmp_path / str(SegmentName(number, FakeClock().utc()))).touch()
    LedgerWriter(tmp_path, FakeClock()).prepare(scan(tmp_path))
    assert (
        sum(each["kind"] == "salvaged" for each in records(tmp_path)) == ledger_writer.MOST_SALVAGED
    )


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> Callable[[bool], None]:
    """Lets every write to the chain fail, or work again."""
    write = chain_module._write
    failing = False

    def fail(descriptor: int, data: bytes) -> None:
        if failing:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        write(descriptor, data)

    def switch(on: bool) -> None:
        nonlocal failing
        failing = on

    monkeypatch.setattr(chain_module, "_write", fail)
    return switch


def test_a_disk_that_takes_no_evidence_neither_stops_the_recording_nor_loses_the_record(
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


def test_a_full_disk_is_freed_though_the_deletion_cannot_be_recorded_before_it(
    tmp_path: Path, broken: Callable[[bool], None], monkeypatch: pytest.MonkeyPatch
) -> None:
    segments = record(tmp_path, 4)
    broken(True)
    unlink = Path.unlink

    def freeing(path: Path, missing_ok: bool = False) -> None:
        unlink(path, missing_ok)
        broken(False)

    monkeypatch.setattr(Path, "unlink", freeing)
    retain(tmp_path, 1)
    assert [path.exists() for path in segments] == [False, False, False, True]
    assert sum(each["kind"] == "deleted" for each in records(tmp_path)) == 3


def test_a_segment_that_cannot_be_deleted_is_recorded_and_told_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    record(tmp_path, 3)
    settings = SETTINGS.retention.model_copy(update={"max_size": 1})
    retention, evidence = (
        Retention(tmp_path, FakeClock(), free=lambda _: 10**15),
        LedgerWriter(tmp_path, FakeClock()),
    )
    unlink = Path.unlink

    def refuse(*_: object, **__: object) -> None:
        raise PermissionError(errno.EPERM, os.strerror(errno.EPERM))

    monkeypatch.setattr(Path, "unlink", refuse)
    for _ in range(5):
        retention.apply(settings, evidence)
    assert sum("cannot be deleted" in line for line in caplog.messages) == 2
    monkeypatch.setattr(Path, "unlink", unlink)
    retention.apply(settings, evidence)
    assert sum(each["kind"] == "deleted" for each in records(tmp_path)) == 2
    assert len(list(tmp_path.glob("*.mp4"))) == 1
