"""What a single picture needs, which is looked at only once, and when a sound is waited for."""

import functools
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import Config
from anoncam.detectors.simulated import Reaction, SimulatedDetector
from anoncam.errors import StoppedError
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.transcode import Work, anonymize
from anoncam.sources import audio_track
from anoncam.sources.file import FileSource
from anoncam.sources.process.media_process import FileProcess
from tests.support.clips import make_sound
from tests.support.liars import NO_PACKETS

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("score", "size", "covered"),
    [(0.9, 80, 1), (0.3, 80, 1), (0.15, 80, 0), (0.3, 20, 1), (0.15, 20, 0)],
)
def test_a_face_in_a_single_picture_needs_a_lower_score(
    score: float, size: int, covered: int, tmp_path: Path
) -> None:
    path = tmp_path / "picture.png"
    Image.fromarray(astronaut()).save(path)
    found = np.array([[180, 60, size, 1.5 * size, score]], np.float32)
    config, counters, clock, stop = Config(), Counters(), SystemClock(), Stop()
    inference = InferenceStage(
        lambda: SimulatedDetector(lambda _picture, _timestamp: Reaction(found)), counters=counters
    )
    work = Work(
        config,
        Anonymizer(config.anonymizer),
        inference,
        counters,
        clock,
        stop,
        keep_audio=False,
        force=False,
    )
    inference.start()
    try:
        with FileSource(path, paced=False, loop=False, clock=clock, stop=stop) as source:
            anonymize(source, tmp_path / "covered.png", work, lambda _frames: None)
    finally:
        inference.close()
    assert counters.faces_covered == covered


def test_a_stop_does_not_wait_for_a_sound_that_hangs(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, silent = make_sound(tmp_path / "both.mp4", with_video=True), tmp_path / "silent"
    silent.write_text(NO_PACKETS)
    liar = functools.partial(FileProcess, silent, module="tests.support.liars")
    monkeypatch.setattr(audio_track, "FileProcess", lambda _, *others: liar(*others))
    config, clock, stop = Config(), SystemClock(), Stop()
    work = Work(
        config,
        Anonymizer(config.anonymizer),
        None,
        Counters(),
        clock,
        stop,
        keep_audio=True,
        force=False,
    )
    with FileSource(path, paced=False, loop=False, clock=clock, stop=stop) as source:
        stop.request()
        with pytest.raises(StoppedError):
            anonymize(source, tmp_path / "covered.mp4", work, lambda _frames: None)
    assert sorted(tmp_path.iterdir()) == [path, silent]
