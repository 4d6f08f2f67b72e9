"""The checks themselves: they see a face that shows, and none where it is covered."""

from collections.abc import Callable
from pathlib import Path

import av
import pytest

from tests.faults.checking import Trouble, is_well, likeness, play, recording_film, showing
from tests.faults.filming import FPS, HEIGHT, WIDTH, Film
from tests.support.detector_faults import Faults
from tests.support.running import RunningDaemon, anoncam

UNVEILED = """
from anoncam.tracking.result_times import ResultTimes

ResultTimes.covers = lambda self, timestamp: True
"""
"""A daemon with the worst of all mistakes."""


def test_a_face_that_is_not_covered_shows_in_every_frame(film: Film) -> None:
    found = list(showing(film, [film.path]))
    assert len(found) == sum(map(len, film.faces)) >= 60


def test_a_face_that_shows_in_one_frame_is_noticed(film: Film, tmp_path: Path) -> None:
    target = tmp_path / "covered.mp4"
    assert anoncam("anonymize", film.path, "-o", target).returncode == 0
    covered, (face,) = play(target)[50], film.faces[50]
    assert abs(likeness(film.clear[50], covered, face)) < 0.2
    assert likeness(film.clear[50], film.clear[50], face) > 0.99
    assert not list(showing(film, [target]))


def test_a_file_that_is_cut_off_does_not_play(film: Film, tmp_path: Path) -> None:
    broken = tmp_path / "broken.mp4"
    broken.write_bytes(film.path.read_bytes()[:-20_000])
    with pytest.raises((av.FFmpegError, AssertionError)):
        play(broken)


def test_a_face_in_pictures_of_half_the_size_is_noticed_too(film: Film, tmp_path: Path) -> None:
    small = tmp_path / "small.mp4"
    with av.open(str(film.path)) as source, av.open(str(small), "w") as target:
        stream = target.add_stream("libx264", rate=FPS, options={"crf": "18"})
        stream.width, stream.height, stream.pix_fmt = WIDTH // 2, HEIGHT // 2, "yuv420p"
        for frame in source.decode(video=0):
            target.mux(stream.encode(frame.reformat(WIDTH // 2, HEIGHT // 2)))
        target.mux(stream.encode(None))
    assert len(list(showing(film, [small]))) > 0.9 * sum(map(len, film.faces))


def test_a_daemon_that_leaves_frames_clear_without_a_result_is_found_out(
    daemon: Callable[..., RunningDaemon], film: Film, tmp_path: Path
) -> None:
    plan = Faults(tmp_path / "faults.json")
    settings = "detector: {runtime: tflite-runtime, device: cpu, model: anoncam-face-320x320}\n"
    running = is_well(daemon(recording_film(film, settings), plan.environment, UNVEILED))
    trouble = Trouble(running, film)
    plan.set(invoke="abort")
    trouble.wait_for("detector-dead")
    trouble.wait_for("segment-finished", 5)
    plan.set()
    with pytest.raises(AssertionError, match="a face shows in"):
        trouble.check(event="detector-dead", over="detector-back")
