"""The stages of a long file: what ends one of them leaves nothing half done, or done wrong."""

import os
from dataclasses import replace
from pathlib import Path

import pytest

from anoncam.archive.chunk_plan import Chunk, LongFile
from anoncam.archive.host import Host
from anoncam.archive.manifest import Stamp
from anoncam.archive.stages import do
from anoncam.archive.task import Finished, Stage, Task
from anoncam.archive.work_folder import WorkFolder
from anoncam.clock import Stop, SystemClock
from anoncam.errors import InputError, StoppedError
from anoncam.frames.chunk import CHUNK
from anoncam.sources.file import FileSource
from tests.archive.conftest import RATE, write_clip
from tests.support.archive import IDENTITY, file_work, opened

pytestmark = pytest.mark.integration


@pytest.fixture
def covered(tmp_path: Path) -> Task:
    """The task to join what is covered: one part, which is veiled."""
    clip = write_clip(tmp_path / "in.mp4", 1)
    with FileSource(clip, paced=False, loop=False, clock=SystemClock(), stop=Stop()) as source:
        chunks = (Chunk(0, 0, CHUNK, RATE),)
        long = LongFile(source.format, source.time_base, source.start, chunks)
    known = replace(opened(1, stamp=Stamp.of(clip)), long=long)
    file = file_work(tmp_path, clip)
    folder = WorkFolder(file.folder)
    folder.begin(IDENTITY)
    folder.keep_coverage(0, [])
    do(Task(Stage.COVER, file, known), Host(lambda _frames: None))
    return Task(Stage.JOIN, file, known)


def test_a_stop_leaves_the_parts_and_no_output_that_nobody_would_know(covered: Task) -> None:
    stopped = Host(lambda _frames: None)
    stopped.end()
    with pytest.raises(StoppedError):
        do(covered, stopped)
    assert not covered.file.target.exists()
    done = do(covered, Host(lambda _frames: None))
    assert isinstance(done, Finished)
    assert done.entry is not None
    assert done.entry.has_output()


@pytest.mark.parametrize("stage", [Stage.DETECT, Stage.TRACK, Stage.COVER, Stage.JOIN])
def test_of_an_input_that_was_changed_meanwhile_nothing_is_done_in_chunks(
    covered: Task, stage: Stage
) -> None:
    folder = WorkFolder(covered.file.folder)
    part = folder.part(0)
    assert isinstance(part, Path)
    part.unlink()
    # The same times, so that the coverage would fit, and other pictures.
    assert isinstance(covered.file.source, Path)
    os.utime(write_clip(covered.file.source, 1), ns=(0, 0))
    with pytest.raises(InputError, match="changed"):
        do(replace(covered, stage=stage), Host(lambda _frames: None))
    assert not folder.has_seen(0)
    assert not part.exists()
