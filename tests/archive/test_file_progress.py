"""Which tasks follow from what has happened to one file."""

from pathlib import Path

import pytest

from anoncam.archive.engine import Event
from anoncam.archive.file_progress import TRIES, FileProgress
from anoncam.archive.one_file import FileResult
from anoncam.archive.task import ChunkDone, Failure, Finished, Outcome, Stage, Task
from anoncam.errors import DetectorError, InputError, SetAsideError
from tests.support.archive import file_work, opened

DONE = ChunkDone(1.5)
BROKEN = Failure("it is damaged", InputError.exit_code, is_input=True)
CRASH = Failure("its process died", SetAsideError.exit_code, may_pass=True)
NO_MODEL = Failure("no model", DetectorError.exit_code)


@pytest.fixture
def state(tmp_path: Path) -> FileProgress:
    return FileProgress(file_work(tmp_path), size=1000)


def follow(state: FileProgress, task: Task, what: Outcome | Failure) -> list[Task]:
    is_failure = isinstance(what, Failure)
    event = Event(task, failure=what) if is_failure else Event(task, outcome=what)  # type: ignore[arg-type]
    return state.follow(event, lambda _number: None)


def names(tasks: list[Task]) -> list[tuple[str, int]]:
    return [(task.stage, task.chunk) for task in tasks]


def test_a_long_file_is_detected_tracked_covered_and_joined(state: FileProgress) -> None:
    detects = follow(state, state.first_task, opened(2))
    assert names(detects) == [("detect", 0), ("detect", 1)]
    assert follow(state, detects[1], DONE) == []
    (track,) = follow(state, detects[0], DONE)
    assert track.stage is Stage.TRACK
    assert state.bytes_done == 500
    covers = follow(state, track, DONE)
    assert names(covers) == [("cover", 0), ("cover", 1)]
    assert follow(state, covers[0], DONE) == []
    (join,) = follow(state, covers[1], DONE)
    assert join.stage is Stage.JOIN
    assert state.result is None
    assert follow(state, join, Finished(FileResult("in", "out", 20, seconds=1.0), 0, None)) == []
    assert state.result is not None
    assert state.result.seconds == 1 + 5 * 1.5


def test_chunks_that_are_done_are_not_done_again(state: FileProgress) -> None:
    assert names(follow(state, state.first_task, opened(3, seen=frozenset({0, 2})))) == [
        ("detect", 1)
    ]
    assert names(
        follow(state, state.first_task, opened(3, is_tracked=True, parts=frozenset({0})))
    ) == [("cover", 1), ("cover", 2)]
    everything = opened(3, is_tracked=True, parts=frozenset({0, 1, 2}))
    assert names(follow(state, state.first_task, everything)) == [("join", 0)]


def test_a_file_that_cannot_be_read_in_chunks_is_read_as_a_whole(state: FileProgress) -> None:
    detects = follow(state, state.first_task, opened(2))
    assert names(follow(state, detects[0], BROKEN)) == [("whole", 0)]
    # The other chunk was in work meanwhile.
    assert follow(state, detects[1], DONE) == []
    assert follow(state, detects[1], BROKEN) == []
    assert state.result is None


def test_what_crashes_three_times_is_set_aside(state: FileProgress) -> None:
    (whole,) = follow(state, state.first_task, opened())
    for _ in range(TRIES - 1):
        assert follow(state, whole, CRASH) == [whole]
    assert follow(state, whole, CRASH) == []
    assert state.result is not None
    assert "set aside after 3 tries" in (state.result.error or "")
    assert not state.is_fatal


def test_a_model_that_cannot_be_used_ends_the_run(state: FileProgress) -> None:
    follow(state, state.first_task, NO_MODEL)
    assert state.is_fatal


def test_what_the_manifest_has_needs_no_work(state: FileProgress) -> None:
    known = FileResult("in", "out", 5)
    assert follow(state, state.first_task, opened(result=known)) == []
    assert state.result == known
    assert state.bytes_done == 1000
