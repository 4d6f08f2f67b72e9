"""A start with much on the disk: what is there is looked through once, and not read."""

import os
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

from anoncam.config.schema import RetentionSettings
from anoncam.evidence import sidecars
from anoncam.evidence.chain import Chain
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.recording.recordings_disk import RecordingsDisk
from anoncam.recording.recordings_folder import RecordingsFolder
from anoncam.segments.segment_name import SegmentName
from tests.support.evidence_folder import record, records
from tests.support.frames import FakeClock
from tests.support.recording import roomy

SEGMENTS = 10_000
PROMISED = 2.0
"""Seconds that a start may take; measured in seconds of work, which other processes do not make
longer."""


def crowded(folder: Path) -> None:
    """Fill `folder` with segments of a month, their sidecars and their evidence, the last one
    unfinished."""
    folder.mkdir()
    (first,) = record(folder, 1)
    (like,) = (each for each in records(folder) if each["kind"] == "finished")
    contents = []
    for number in range(2, SEGMENTS + 1):
        start = datetime(2026, 6, 1, tzinfo=UTC) + timedelta(minutes=5 * number)
        name = SegmentName(number, start, finished=number < SEGMENTS)
        os.link(first, folder / str(name))
        if name.finished:
            contents.append({**like, "segment": str(name), "newest_segment": number})
            (folder / sidecars.sidecar_of(name)).touch()
    for content in contents:
        for key in ("record", "previous", "hash"):
            del content[key]
    Chain(folder).append(contents)


def test_a_start_with_ten_thousand_segments_takes_less_than_two_seconds(tmp_path: Path) -> None:
    folder = tmp_path / "recordings"
    crowded(folder)
    evidence = LedgerWriter(folder, FakeClock())
    began = time.process_time()
    recordings = RecordingsFolder(folder, evidence, RecordingsDisk(folder, None))
    recordings.prepare()
    roomy(folder).apply(RetentionSettings(max_size=10**15, max_age=3000), evidence)  # type: ignore[arg-type]
    file = recordings.create(datetime(2026, 7, 14, tzinfo=UTC))
    took = time.process_time() - began
    print(f"start with {SEGMENTS:,} segments: {took:.2f} s of work")
    assert file.final.number == SEGMENTS + 1
    assert not list(folder.glob(f"{SEGMENTS:09}_*.part"))
    assert took < PROMISED
