"""Tasks in real processes: one that dies takes nothing with it."""

import os
import signal
from collections.abc import Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

import pytest

from anoncam.archive.engine import Event
from anoncam.archive.local_engine import LocalEngine
from anoncam.archive.task import Opened, Stage, Task
from anoncam.errors import InputError
from tests.archive.conftest import write_clip
from tests.support.archive import file_work

pytestmark = pytest.mark.integration


@pytest.fixture
def engine() -> Iterator[LocalEngine]:
    with closing(LocalEngine(1)) as engine:
        yield engine


def outcomes(engine: LocalEngine, count: int) -> list[Event]:
    """Wait for what becomes of that many tasks."""
    found: list[Event] = []
    while len(found) < count:
        events = engine.wait(60)
        assert events
        found += [each for each in events if each.outcome or each.failure]
    return found


def test_a_task_says_what_it_is_or_why_it_failed(engine: LocalEngine, tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4", 1)
    good, missing = file_work(tmp_path, clip), file_work(tmp_path, tmp_path / "none.mp4")
    for file in (good, missing):
        engine.submit(Task(Stage.OPEN, file))
    first, second = outcomes(engine, 2)
    assert isinstance(first.outcome, Opened)
    assert first.outcome.long is None
    assert second.failure is not None
    assert second.failure.exit_code == InputError.exit_code
    assert second.failure.is_input


def test_a_process_that_is_killed_is_reported_and_replaced(
    engine: LocalEngine, tmp_path: Path
) -> None:
    task = Task(Stage.OPEN, file_work(tmp_path, write_clip(tmp_path / "in.mp4", 1)))
    engine.submit(task)
    os.kill(engine.pids[0], signal.SIGKILL)
    (event,) = outcomes(engine, 1)
    assert event.failure is not None
    assert event.failure.may_pass
    assert "SIGKILL" in event.failure.text
    engine.submit(task)
    assert outcomes(engine, 1)[0].outcome is not None


def test_tasks_of_earlier_files_come_first_and_dropped_ones_never(tmp_path: Path) -> None:
    file = file_work(tmp_path, tmp_path / "none.mp4")
    with closing(LocalEngine(1)) as engine:
        for number in (0, 2, 1, 3):
            engine.submit(Task(Stage.OPEN, replace(file, number=number)))
        engine.drop(3)
        assert [each.task.file.number for each in outcomes(engine, 3)] == [0, 1, 2]
        assert engine.is_idle


def test_a_stop_ends_the_task_in_work_and_begins_no_other(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "in.mp4", 20)
    with closing(LocalEngine(1)) as engine:
        opening = Task(Stage.OPEN, file_work(tmp_path, clip))
        engine.submit(opening)
        opened = outcomes(engine, 1)[0].outcome
        assert isinstance(opened, Opened)
        engine.submit(replace(opening, stage=Stage.WHOLE, opened=opened))
        engine.submit(opening)
        engine.wait(60)
        engine.stop()
        (event,) = outcomes(engine, 1)
        assert event.failure is not None
        assert "stopped" in event.failure.text
        assert engine.is_idle
    assert not (tmp_path / "out.mp4").exists()
