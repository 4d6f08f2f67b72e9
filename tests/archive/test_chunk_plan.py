"""Which files are worked on in chunks, and which as a whole."""

from pathlib import Path

import pytest

from anoncam.archive.chunk_plan import LongFile, plan_chunks
from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import Config, DetectorSettings
from anoncam.sources.file import FileSource
from tests.archive.conftest import write_clip

pytestmark = [pytest.mark.integration, pytest.mark.usefixtures("short_chunks")]


def planned(clip: Path, detector: DetectorSettings | None = None) -> LongFile | None:
    config = Config(detector=detector or DetectorSettings())
    with FileSource(clip, paced=False, loop=False, clock=SystemClock(), stop=Stop()) as source:
        return plan_chunks(source, config)


@pytest.mark.parametrize("rate", [2, 30, 60])
def test_a_long_file_of_a_usual_rate_is_done_in_chunks(tmp_path: Path, rate: int) -> None:
    file = planned(write_clip(tmp_path / "long.mp4", 22, rate=rate))
    assert file is not None
    assert [chunk.frames for chunk in file.chunks] == [10 * rate, 10 * rate, 2 * rate]


def test_a_file_with_too_few_frames_before_a_chunk_to_know_its_cuts_is_done_as_a_whole(
    tmp_path: Path,
) -> None:
    assert planned(write_clip(tmp_path / "rare.mp4", 22, rate=1)) is None


def test_a_file_whose_frames_do_not_all_fit_until_the_next_result_is_done_as_a_whole(
    tmp_path: Path,
) -> None:
    clip = write_clip(tmp_path / "long.mp4", 22, rate=30)
    assert planned(clip, DetectorSettings(rate=0.2, max_gap=10)) is None
