"""The process that decodes may lie, hang or die; the parent believes nothing."""

import functools
import os
import threading
from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.clock import Stop, SystemClock
from anoncam.errors import InputError, StoppedError
from anoncam.frames.pool import FramePool
from anoncam.sources import file
from anoncam.sources.file import FileSource
from anoncam.sources.process.media_process import FileProcess
from anoncam.sources.process.messages import Done
from tests.support.clips import make_clip
from tests.support.liars import LIES_AT_FIRST, LIES_LATER
from tests.support.reading import numbers, open_clip

pytestmark = pytest.mark.integration


@pytest.fixture
def lying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], FileSource]:
    """Open a file whose process tells a lie."""
    liar = functools.partial(FileProcess, module="tests.support.liars")
    monkeypatch.setattr(file, "FileProcess", liar)

    def opened(lie: str) -> FileSource:
        (tmp_path / lie).write_text(lie)
        return open_clip(tmp_path / lie)

    return opened


@pytest.mark.parametrize("lie", LIES_AT_FIRST)
def test_a_lie_about_a_file_is_an_error(lying: Callable[[str], FileSource], lie: str) -> None:
    with pytest.raises(InputError, match="cannot be read"):
        lying(lie)


@pytest.mark.parametrize("lie", LIES_LATER)
def test_a_lie_about_a_frame_is_an_error(lying: Callable[[str], FileSource], lie: str) -> None:
    with lying(lie) as source, pytest.raises(InputError, match="cannot be read"):
        for _ in range(2):
            source.read()


def test_a_process_that_is_silent_is_ended_by_the_stop(tmp_path: Path) -> None:
    path = make_clip(tmp_path / "clip.mp4")
    stop = Stop()
    source = FileSource(path, paced=False, loop=False, clock=SystemClock(), stop=stop)
    with (
        source,
        FileProcess(
            path, source.limits, lambda: stop.requested, "tests.support.attempts"
        ) as process,
    ):
        threading.Timer(0.2, stop.request).start()
        with pytest.raises(StoppedError):
            process.ask(Done, "hang")
        with pytest.raises(InputError, match="has ended"):
            process.ask(Done, "hang")


def test_the_process_cannot_cut_off_the_memory_of_the_frames(tmp_path: Path) -> None:
    with open_clip(make_clip(tmp_path / "clip.mp4")) as source:
        frame = FramePool(source.format, 1).acquire()
    assert frame is not None
    assert frame.place is not None
    with pytest.raises(PermissionError):
        os.ftruncate(frame.place.memory.descriptor, 0)


def test_a_file_that_is_exchanged_after_it_was_opened_is_not_read(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", times=range(5))
    with open_clip(clip) as source:
        make_clip(tmp_path / "other.mp4", times=range(2)).replace(clip)
        assert numbers(source) == list(range(5))
