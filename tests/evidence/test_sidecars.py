"""What is in the sidecars, and how long they stay."""

import hashlib
from pathlib import Path
from typing import Any, cast

import pytest

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import Config, CoverageSettings
from anoncam.detectors.detector import DetectorInfo
from anoncam.evidence import sidecars
from anoncam.evidence.provenance import Provenance, summarise
from anoncam.recording.segment_recorder import SegmentRecorder
from anoncam.segments.segment_name import SegmentName, parse
from anoncam.tracking.coverage import Coverage, CoverBox
from tests.support.evidence_folder import SETTINGS, record, records, retain, sidecar
from tests.support.frames import FakeClock, as_anonymized, blank, paint, small_format
from tests.support.recording import roomy

pytestmark = pytest.mark.integration

DETECTOR = DetectorInfo("a-model", "ab" * 32, (640, 384), "cpu", "it is there", "a-runtime 1.0")


def test_a_sidecar_holds_what_was_covered_in_the_segment_and_its_provenance(tmp_path: Path) -> None:
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
            as_anonymized(raw, Coverage((face,) * (number % 2), "no result" if number < 4 else ""))
        )
        clock.advance(0.1)
        if number == 22:
            settings[0] = summarise(Config(coverage=CoverageSettings(persistence=3.0)))
    recorder.finish()

    (segment,) = tmp_path.glob("*.mp4")
    content = sidecar(segment)
    assert content["sha256"] == hashlib.sha256(segment.read_bytes()).hexdigest()
    assert content["bytes"] == segment.stat().st_size
    assert (content["frames"], content["frames_veiled"], content["frames_veiled_because"]) == (
        30,
        4,
        {"no result": 4},
    )
    assert (content["faces_covered"], content["frames_missing"], content["gaps"]) == (15, 5, 1)
    assert str(content["software"]).startswith("anoncam ")
    assert content["started"] == "2026-07-14T09:15:00.000+00:00"
    assert str(content["ended"]) > str(content["started"])
    assert content["clock_synchronized"] in {True, False}
    before, after = cast("list[dict[str, Any]]", content["provenance"])
    assert (before["from_frame"], after["from_frame"]) == (0, 23)
    assert before["detector"]["sha256"] == "ab" * 32
    assert before["settings"]["coverage"]["start_threshold"] == 0.85
    assert (
        before["settings"]["coverage"]["persistence"],
        after["settings"]["coverage"]["persistence"],
    ) == (
        0.4,
        3.0,
    )
    assert before["settings"]["configuration_sha256"] != after["settings"]["configuration_sha256"]
    assert segment.with_suffix(".json").stat().st_mode & 0o007 == 0


def test_frames_lost_between_two_segments_are_counted_in_the_second(tmp_path: Path) -> None:
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


def test_a_sidecar_stays_when_its_segment_is_deleted_and_the_deletion_is_recorded(
    tmp_path: Path,
) -> None:
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


def test_only_the_newest_sidecars_of_deleted_segments_stay(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    names = [SegmentName(number, FakeClock().utc()) for number in range(1, 30)]
    for name in names:
        (tmp_path / sidecars.sidecar_of(name)).write_text("{}")
    (tmp_path / "notes.json").write_text("{}")
    sidecars.prune(tmp_path, set(names[25:]), most=10)
    assert sidecars.scan(tmp_path) == names[15:]
    assert (tmp_path / "notes.json").exists()


def test_unfinished_sidecars_are_deleted_at_the_next_start_and_other_files_are_not(
    tmp_path: Path,
) -> None:
    (first, *_) = record(tmp_path, 2)
    half, other = tmp_path / f"{first.stem}.json.part", tmp_path / "notes.json.part"
    half.touch()
    other.touch()
    record(tmp_path, 1)
    assert not half.exists()
    assert other.exists()


def test_the_name_of_a_sidecar_is_that_of_its_segment() -> None:
    segment = parse("000000042_20260714T091500Z.mp4.part")
    assert segment is not None
    assert sidecars.sidecar_of(segment) == "000000042_20260714T091500Z.json"
