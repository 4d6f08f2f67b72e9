"""The power is cut at any moment: the writes of a real recorder are recorded once, and cut off
again and again."""

import random
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import RecordingSettings, RetentionSettings
from anoncam.evidence.verification import State, verify
from anoncam.recording import segment_recorder as recorder_module
from anoncam.recording.retention import Retention
from anoncam.recording.segment_recorder import SegmentRecorder
from anoncam.segments.segment_name import parse
from tests.faults.checking import play
from tests.faults.write_log import Moment, WriteLog
from tests.support.evidence_folder import records
from tests.support.frames import FakeClock, moving, small_format

RATE = 10
PER_SEGMENT = 3 * RATE
FRAMES = 8 * PER_SEGMENT + 13
CUTS = 100
KEPT_BYTES = 40_000

Record = Callable[[Path, int], SegmentRecorder]


@pytest.fixture(autouse=True)
def _long_close_timeout(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(recorder_module, "_CLOSE_TIMEOUT", 60)


def new_recorder(folder: Path) -> SegmentRecorder:
    retention = RetentionSettings(max_size=KEPT_BYTES, min_free=0)  # type: ignore[arg-type]
    settings = RecordingSettings(encoder="libx264", segment_length=3, retention=retention)
    clock = FakeClock()
    roomy = Retention(folder, clock, free=lambda _: 10**15)
    return SegmentRecorder(settings, small_format(RATE), folder, clock, retention=roomy)


def at_rest(recorder: SegmentRecorder) -> bool:
    return recorder._storage._queue.idle


def film(folder: Path, frames: int, handed: Callable[[int], None] = lambda _: None) -> None:
    """Record, frame by frame, at the pace of the disk."""
    recorder, pause = new_recorder(folder), threading.Event()
    for index in range(frames):
        handed(index)
        recorder.write(moving(small_format(RATE), index * NANOSECONDS // RATE))
        while not at_rest(recorder):
            pause.wait(0.0005)
    recorder.finish()


@pytest.fixture(scope="module")
def moments(tmp_path_factory: pytest.TempPathFactory) -> list[Moment]:
    """All moments in the life of a recorder: it films nine segments and deletes the oldest."""
    folder = tmp_path_factory.mktemp("recorded")
    with pytest.MonkeyPatch.context() as monkeypatch:
        monkeypatch.setattr(recorder_module, "_CLOSE_TIMEOUT", 60)
        log = WriteLog(folder, monkeypatch)
        film(folder, FRAMES, lambda index: setattr(log, "handed", index))
    assert any(record["kind"] == "deleted" for record in records(folder))
    assert len(log.moments) > 150
    return log.moments


def instant(moments: list[Moment], chance: random.Random) -> tuple[Moment, int]:
    """Any time between two calls: what the disk holds then, and the last frame that was handed
    over."""
    place = chance.randrange(len(moments) - 1)
    return moments[place], chance.randint(moments[place].handed, moments[place + 1].handed)


def is_whole(folder: Path) -> None:
    """What is under a final name plays and has its evidence, and nothing else is left."""
    for path in folder.iterdir():
        assert path.suffix in {".mp4", ".json", ".jsonl"} or path.name == ".anoncam-number", path
        assert path.stat().st_size > 0, path
    for path in folder.glob("*.mp4"):
        play(path)
    result = verify(folder, play=True)
    assert result.problems == []
    assert {verdict.state for verdict in result.verdicts} <= {State.KEPT, State.DELETED}, (
        result.verdicts
    )


def kept_frames(folder: Path) -> dict[int, int]:
    """How many frames there are of each segment."""
    found = {parse(path.name): len(play(path)) for path in folder.glob("*.mp4")}
    return {name.number: frames for name, frames in found.items() if name is not None}


def holds_what_is_promised(folder: Path, handed: int) -> None:
    """All frames are there that were handed over more than a second before the one after which the
    power was cut.

    The sync that was under way then began with that frame.
    """
    deleted = {
        parse(record["segment"]) for record in records(folder) if record["kind"] == "deleted"
    }
    gone = {name.number for name in deleted if name is not None}
    frames = kept_frames(folder)
    for number in range(1, FRAMES // PER_SEGMENT + 2):
        promised = min(PER_SEGMENT, handed - RATE - (number - 1) * PER_SEGMENT)
        if number not in gone:
            assert frames.get(number, 0) >= promised, (
                f"segment {number}: {frames} at frame {handed}"
            )


@pytest.mark.parametrize("part", range(4))
def test_after_a_power_cut_at_any_moment_all_is_kept_but_the_last_second_and_every_file_is_whole(
    moments: list[Moment], tmp_path: Path, part: int
) -> None:
    chance = random.Random(part)
    for cut in range(CUTS // 4):
        folder = tmp_path / str(cut)
        folder.mkdir()
        moment, handed = instant(moments, chance)
        moment.cut(folder, chance)
        # Five frames of the next life, which come after the old ones.
        film(folder, 5)
        is_whole(folder)
        holds_what_is_promised(folder, handed)
        assert 5 in kept_frames(folder).values()


def test_a_second_power_cut_while_the_first_is_salvaged_costs_nothing_more(
    moments: list[Moment], tmp_path: Path
) -> None:
    chance = random.Random(7)
    for cut in range(CUTS // 4):
        first, second = tmp_path / f"{cut}-first", tmp_path / f"{cut}-second"
        first.mkdir()
        second.mkdir()
        moment, handed = instant(moments, chance)
        moment.cut(first, chance)
        with pytest.MonkeyPatch.context() as monkeypatch:
            log = WriteLog(first, monkeypatch)
            film(first, 2)
        chance.choice(log.moments).cut(second, chance)
        film(second, 5)
        is_whole(second)
        holds_what_is_promised(second, handed)


def test_a_cut_of_the_log_loses_what_was_not_synced(moments: list[Moment], tmp_path: Path) -> None:
    """The test of the tests: cuts must differ from the last state of memory, and some must tear a
    fragment."""
    chance = random.Random(3)
    torn = 0
    for moment in moments:
        folder = tmp_path / "cut"
        folder.mkdir()
        moment.cut(folder, chance)
        newest = {
            name: moment.newest[file]
            for name, file in ([moment.safe_names, *moment.later_names][-1]).items()
        }
        torn += any(
            (folder / name).exists() and (folder / name).read_bytes() != newest[name]
            for name in newest
        )
        for path in folder.iterdir():
            path.unlink()
        folder.rmdir()
    assert torn > 20
