import errno
import fcntl
import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from anoncam.config.schema import RecordingSettings
from anoncam.events.event import Event
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.files.file_system_calls import open_in
from anoncam.recording import salvage as salvage_module
from anoncam.recording.salvage import salvage
from anoncam.recording.segment_recorder import SegmentRecorder
from anoncam.segments.segment_name import scan
from tests.support.checkout import ROOT
from tests.support.events import EventLog
from tests.support.frames import FakeClock, moving, small_format
from tests.support.recording import frames_in

pytestmark = pytest.mark.integration

NAME = "000000007_20260714T091500Z.mp4"

CRASHING = """
import sys
sys.path[:0] = sys.argv[2:]
from pathlib import Path
from tests.support.frames import FakeClock, moving, small_format
from anoncam.config.schema import RecordingSettings
from anoncam.recording.segment_recorder import SegmentRecorder

settings = RecordingSettings(encoder="libx264")
recorder = SegmentRecorder(settings, small_format(), Path(sys.argv[1]), FakeClock())
index = 0
while True:
    recorder.write(moving(small_format(), index * 10**8))
    index += 1
    if index % 10 == 0:
        print(recorder.facts.open_bytes, flush=True)
"""


def recorded(folder: Path, frames: int = 25) -> bytes:
    """The bytes of a finished segment; its file is deleted."""
    recorder = SegmentRecorder(
        RecordingSettings(encoder="libx264"), small_format(), folder, FakeClock()
    )
    for index in range(frames):
        recorder.write(moving(small_format(), index * 10**8))
    recorder.finish()
    (file,) = folder.glob("*.mp4")
    data = file.read_bytes()
    file.unlink()
    return data


@pytest.mark.parametrize("missing", [1, 200, 900])
def test_an_unfinished_segment_is_cut_to_its_last_whole_fragment_and_plays(
    tmp_path: Path, event_log: EventLog, missing: int
) -> None:
    data = recorded(tmp_path)
    (tmp_path / f"{NAME}.part").write_bytes(data[:-missing])
    salvage(tmp_path, scan(tmp_path), LedgerWriter(tmp_path, FakeClock()))
    assert frames_in(tmp_path / NAME) in {10, 20, 25}
    assert not list(tmp_path.glob("*.part"))
    fields = event_log.of(Event.SEGMENT_SALVAGED)[0]
    assert fields["name"] == NAME
    assert fields["bytes"] == (tmp_path / NAME).stat().st_size
    record = json.loads((tmp_path / NAME).with_suffix(".json").read_text())
    assert (record["kind"], record["hash"]) == ("salvaged", fields["chain"])


@pytest.mark.parametrize("data", [b"", b"\0" * 4096, b"moov"])
def test_an_unfinished_segment_without_a_whole_fragment_is_deleted(
    tmp_path: Path, event_log: EventLog, data: bytes
) -> None:
    (tmp_path / f"{NAME}.part").write_bytes(data)
    salvage(tmp_path, scan(tmp_path), LedgerWriter(tmp_path, FakeClock()))
    assert list(tmp_path.iterdir()) == []
    assert event_log.of(Event.SEGMENT_SALVAGED)[0]["lost"] == len(data)


def test_a_segment_that_another_process_writes_is_left_alone(
    tmp_path: Path, event_log: EventLog
) -> None:
    path = tmp_path / f"{NAME}.part"
    path.touch()
    with path.open("r+b") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        salvage(tmp_path, scan(tmp_path), LedgerWriter(tmp_path, FakeClock()))
    assert path.exists()
    assert event_log.of(Event.SEGMENT_SALVAGED) == []


def test_others_are_salvaged_if_one_segment_cannot_be_opened(
    tmp_path: Path, event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    data = recorded(tmp_path)
    names = [NAME, NAME.replace("7_", "8_")]
    for name in names:
        (tmp_path / f"{name}.part").write_bytes(data)
    real = open_in

    def refuse(folder: Path, name: str, *arguments: Any) -> int:  # noqa: ANN401 - as the real one
        if name == f"{names[0]}.part":
            raise PermissionError(errno.EPERM, os.strerror(errno.EPERM), name)
        return real(folder, name, *arguments)

    monkeypatch.setattr(salvage_module, "open_in", refuse)
    salvage(tmp_path, scan(tmp_path), LedgerWriter(tmp_path, FakeClock()))
    assert [fields["name"] for fields in event_log.of(Event.SEGMENT_SALVAGED)] == names[1:]
    assert (tmp_path / f"{names[0]}.part").exists()
    assert frames_in(tmp_path / names[1]) == 25


def test_a_part_file_of_someone_else_is_left_alone(tmp_path: Path) -> None:
    (tmp_path / "holiday.mp4.part").write_bytes(b"somebody else's")
    salvage(tmp_path, scan(tmp_path), LedgerWriter(tmp_path, FakeClock()))
    assert (tmp_path / "holiday.mp4.part").exists()


def test_what_was_on_the_disk_when_the_process_was_killed_plays(
    tmp_path: Path, event_log: EventLog
) -> None:
    command = [sys.executable, "-c", CRASHING, str(tmp_path), str(ROOT)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        synced = next(size for line in process.stdout if (size := int(line)) > 20_000)
        process.send_signal(signal.SIGKILL)
        process.stdout.read()
    assert [path.suffix for path in tmp_path.glob("*_*.mp4*")] == [".part"]
    recorder = SegmentRecorder(
        RecordingSettings(encoder="libx264"), small_format(), tmp_path, FakeClock()
    )
    recorder.write(moving(small_format(), 0))
    recorder.finish()
    old, new = sorted(tmp_path.glob("*.mp4"))
    assert old.stat().st_size >= synced
    assert frames_in(old) >= 10
    assert frames_in(new) == 1
    assert new.name.startswith("000000002_")
