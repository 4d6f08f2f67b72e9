"""What was written and is applied gives the same file again, byte for byte, without a detector."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import AnonymizerSettings, Config
from anoncam.detectors.simulated import Reaction, SimulatedDetector
from anoncam.errors import CoverageFileError, StorageError
from anoncam.frames.frame import Picture
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.transcode import Work, anonymize
from anoncam.review.coverage_file import read_document
from anoncam.review.given_coverage import NOT_SPOKEN_OF
from anoncam.review.reviewing import CoverageOptions, Reviewing
from anoncam.sources.file import FileSource
from anoncam.tracking.coverage import Reason
from tests.support.clips import make_clip

pytestmark = pytest.mark.integration

FRAMES = 40
ZONE = ((0.7, 0.7), (0.95, 0.7), (0.7, 0.95))
SETTINGS = AnonymizerSettings(zones=(ZONE,), margin_side=0.3)


def detect(_picture: Picture, timestamp: int) -> Reaction:
    """Two faces on their ways, one of which is seen only now and then; too many once."""
    seconds = timestamp / 1e9
    rows = [[10 + 20 * seconds, 8, 14, 18, 0.99]]
    if seconds < 0.3 or seconds > 0.8:
        rows.append([15 + 20 * seconds, 20, 14, 18, 0.5])
    return Reaction(np.array(rows, np.float32), complete=seconds < 1.2)


def run(
    path: Path,
    target: Path,
    options: CoverageOptions,
    settings: AnonymizerSettings = SETTINGS,
    *,
    detects: bool = True,
) -> Counters:
    """Anonymize as the command does, with a simulated detector or none."""
    counters, clock, stop = Counters(), SystemClock(), Stop()
    reviewing = Reviewing(options, settings, force=False)
    inference = InferenceStage(lambda: SimulatedDetector(detect), counters=counters)
    work = Work(
        Config(anonymizer=settings),
        Anonymizer(reviewing.settings, b"secret"),
        inference if detects else None,
        counters,
        clock,
        stop,
        keep_audio=False,
        force=False,
        decide=reviewing.decide,
        watch=reviewing.watch,
    )
    inference.start()
    try:
        with FileSource(path, paced=False, loop=False, clock=clock, stop=stop) as source:
            reviewing.begin(path, source.format)
            anonymize(source, target, work, lambda _frames: None)
    finally:
        inference.close()
    reviewing.finish()
    return counters


@pytest.fixture(params=["mp4", "odd", "turned", "varying", "picture"])
def clip(request: pytest.FixtureRequest, tmp_path: Path) -> Path:
    match request.param:
        case "odd":
            return make_clip(tmp_path / "in.mkv", "ffv1", size=(97, 65), times=range(FRAMES))
        case "turned":
            return make_clip(tmp_path / "in.mp4", times=range(FRAMES), rotation=90)
        case "varying":
            shown = [0, 1, 2, 7, 8, 30, 31, 33, 60, 61]
            return make_clip(tmp_path / "in.mkv", times=shown)
        case "picture":
            Image.fromarray(astronaut()).save(tmp_path / "in.png")
            return tmp_path / "in.png"
        case _:
            return make_clip(tmp_path / "in.mp4", times=range(FRAMES))


def test_applied_coverage_gives_the_same_file_and_the_same_coverage(
    clip: Path, tmp_path: Path
) -> None:
    first, second = tmp_path / f"first{clip.suffix}", tmp_path / f"second{clip.suffix}"
    written, again = tmp_path / "first.json", tmp_path / "second.json"
    before = run(clip, first, CoverageOptions(write=written))
    options = CoverageOptions(apply=written, write=again)
    after = run(clip, second, options, detects=False)
    assert before.faces_covered > 0
    assert (after.faces_covered, after.veiled) == (before.faces_covered, before.veiled)
    assert first.read_bytes() == second.read_bytes()
    assert written.read_bytes() == again.read_bytes()


def test_zones_and_margins_are_applied_without_the_configuration(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "in.mkv", times=range(FRAMES))
    written = tmp_path / "coverage.json"
    run(clip, tmp_path / "first.mkv", CoverageOptions(write=written))
    applied = CoverageOptions(apply=written)
    run(clip, tmp_path / "second.mkv", applied, AnonymizerSettings(), detects=False)
    assert (tmp_path / "first.mkv").read_bytes() == (tmp_path / "second.mkv").read_bytes()


def test_the_file_says_why_each_frame_is_covered(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "in.mkv", times=range(FRAMES))
    run(clip, tmp_path / "out.mkv", CoverageOptions(write=tmp_path / "coverage.json"))
    document = read_document(tmp_path / "coverage.json")
    assert document.source.frames == len(document.source.times) == FRAMES
    reasons = {span.reason for track in document.tracks for span in track.spans}
    assert Reason.SURE in reasons
    assert document.veiled[-1].last == FRAMES - 1
    assert "faces" in document.veiled[-1].reason


def test_both_cover_what_either_covers(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "in.mkv", times=range(25))
    written, both = tmp_path / "one.json", tmp_path / "both.json"
    run(clip, tmp_path / "one.mkv", CoverageOptions(write=written))
    options = CoverageOptions(
        apply=written, detect=True, write=both, remove=("track 2",), add=("70,40,90,60@0-0.5",)
    )
    run(clip, tmp_path / "both.mkv", options)
    names = {track.id for track in read_document(both).tracks}
    assert {"track 1", "detected 1 track 2", "hand 1"} <= names


def test_frames_that_the_file_does_not_speak_of_are_veiled(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "in.mkv", times=range(25))
    written = tmp_path / "one.json"
    run(clip, tmp_path / "one.mkv", CoverageOptions(write=written))
    document = read_document(written)
    source = document.source.model_copy(
        update={"times": (*document.source.times[:-1], document.source.times[-1] + 1)}
    )
    written.write_text(document.model_copy(update={"source": source}).model_dump_json())
    for detects in (False, True):
        options = CoverageOptions(written, detects, tmp_path / f"{detects}.json")
        run(clip, tmp_path / f"{detects}.mkv", options, detects=detects)
        veiled = read_document(tmp_path / f"{detects}.json").veiled
        assert [(veil.first, veil.reason) for veil in veiled] == [(24, NOT_SPOKEN_OF)]


def test_coverage_of_another_file_gives_no_output(tmp_path: Path) -> None:
    one = make_clip(tmp_path / "one.mkv")
    other = make_clip(tmp_path / "other.mkv", size=(64, 48))
    run(one, tmp_path / "out.mkv", CoverageOptions(write=tmp_path / "one.json"))
    with pytest.raises(CoverageFileError, match="another file"):
        run(other, tmp_path / "no.mkv", CoverageOptions(apply=tmp_path / "one.json"))
    assert not (tmp_path / "no.mkv").exists()


def test_a_file_that_exists_is_not_overwritten(tmp_path: Path) -> None:
    (tmp_path / "coverage.json").touch()
    with pytest.raises(StorageError, match="exists"):
        Reviewing(CoverageOptions(write=tmp_path / "coverage.json"), SETTINGS, force=False)
