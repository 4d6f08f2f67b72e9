"""A folder of recordings with their evidence, as the recorder leaves it."""

import json
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.clock import NANOSECONDS
from anoncam.config.schema import RecordingSettings, RetentionSettings
from anoncam.evidence.anchors import Anchor
from anoncam.evidence.chain import NAMES, Chain
from anoncam.evidence.key_file import KeyFile
from anoncam.evidence.ledger_writer import LedgerWriter
from anoncam.evidence.records import Kind, Record, parse
from anoncam.evidence.verification import State, Verification, verify
from anoncam.recording.segment_recorder import SegmentRecorder
from tests.support.frames import FakeClock, small_format
from tests.support.frames import moving as moving_frame
from tests.support.recording import roomy

SETTINGS = RecordingSettings(encoder="libx264", segment_length=1)


@dataclass
class Recordings:
    """A folder of recordings to tamper with and to verify."""

    folder: Path

    @property
    def segments(self) -> list[Path]:
        """All finished segments, in order."""
        return sorted(self.folder.glob("*.mp4"))

    @property
    def chain(self) -> list[bytes]:
        """The lines of the newer file of the chain."""
        return (self.folder / "evidence.jsonl").read_bytes().splitlines()

    @chain.setter
    def chain(self, texts: list[bytes]) -> None:
        (self.folder / "evidence.jsonl").write_bytes(b"\n".join(texts) + b"\n")

    def verify(
        self, *, play: bool = True, key: str = "", anchors: Sequence[Anchor] = ()
    ) -> Verification:
        """The whole result."""
        return verify(self.folder, play=play, key=key, anchors=anchors)

    def states(self, *, play: bool = True) -> list[State]:
        """The state of each segment."""
        return [verdict.state for verdict in self.verify(play=play).verdicts]


def moving_frames(count: int, start: int = 0) -> Iterable[AnonymizedFrame]:
    """Frames of a moving picture, ten a second."""
    return (
        moving_frame(small_format(), (start + index) * NANOSECONDS // 10) for index in range(count)
    )


def record(folder: Path, segments: int, key: KeyFile | None = None) -> list[Path]:
    """Record that many segments of a second; all finished segments in the folder, in order."""
    recorder = SegmentRecorder(
        SETTINGS, small_format(), folder, FakeClock(), retention=roomy(folder), key=key
    )
    for frame in moving_frames(10 * segments):
        recorder.write(frame)
    recorder.finish()
    return sorted(folder.glob("*.mp4"))


def retain(folder: Path, most_bytes: int) -> None:
    """Delete the oldest segments."""
    settings = RetentionSettings(max_size=most_bytes)  # type: ignore[arg-type]
    roomy(folder).apply(settings, LedgerWriter(folder, FakeClock()))


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


def sidecar(segment: Path) -> dict[str, object]:
    """The content of the sidecar of a segment."""
    content: dict[str, object] = json.loads(segment.with_suffix(".json").read_text())
    return content


def deletion(number: int) -> dict[str, object]:
    """The content of a record: segment `number` was deleted."""
    return {
        "kind": Kind.DELETED,
        "segment": f"{number:09}_20260714T091500Z.mp4",
        "bytes": 1,
        "reason": "a test",
    }


def chain_of_deletions(folder: Path, count: int, **options: int) -> Chain:
    """A chain of that many deletions; `options` are those of the chain."""
    chain = Chain(folder, **options)
    for number in range(1, count + 1):
        chain.append([deletion(number)])
    return chain
