"""A folder of recordings with their evidence, as the recorder leaves it."""

from collections.abc import Iterable
from pathlib import Path

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.clock import NANOSECONDS
from anoncam.config.schema import RecordingSettings, RetentionSettings
from anoncam.evidence.chain import NAMES
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.evidence.records import Record, parse
from anoncam.recording.retention import Retention
from anoncam.recording.segment_recorder import SegmentRecorder
from tests.support.frames import FakeClock, small_format
from tests.support.frames import moving as moving_frame

SETTINGS = RecordingSettings(encoder="libx264", segment_length=1)


def moving_frames(count: int, start: int = 0) -> Iterable[AnonymizedFrame]:
    """Frames of a moving picture, ten a second."""
    return (
        moving_frame(small_format(), (start + index) * NANOSECONDS // 10) for index in range(count)
    )


def record(folder: Path, segments: int) -> list[Path]:
    """Record so many segments of a second each; all files of segments in the folder, in order."""
    recorder = SegmentRecorder(
        SETTINGS, small_format(), folder, FakeClock(), retention=roomy(folder)
    )
    for frame in moving_frames(10 * segments):
        recorder.write(frame)
    recorder.finish()
    return sorted(folder.glob("*.mp4"))


def retain(folder: Path, most_bytes: int) -> None:
    """Delete the oldest segments."""
    settings = RetentionSettings(max_size=most_bytes)  # type: ignore[arg-type]
    roomy(folder).apply(settings, LedgerWriter(folder, FakeClock()))


def roomy(folder: Path) -> Retention:
    """A retention on a disk without end."""
    return Retention(folder, FakeClock(), free=lambda _: 10**15)


def records(folder: Path) -> list[Record]:
    """All records of the chain, in order."""
    texts = [
        text
        for name in NAMES
        if (folder / name).exists()
        for text in (folder / name).read_bytes().splitlines()
    ]
    found = [parse(text) for text in texts]
    return [record for record in found if record is not None]
