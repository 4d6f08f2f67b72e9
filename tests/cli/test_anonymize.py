"""`anoncam anonymize` on real files: what the copies show."""

import contextlib
import json
import os
import pty
import subprocess
import sys
import termios
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from tests.support.clips import make_clip
from tests.support.pictures import portrait
from tests.support.running import anoncam
from tests.support.watching import labels, likeness, luma, times

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def anonymized(footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("anonymized") / "face.mp4"
    ended = anoncam("anonymize", footage, "-o", target)
    assert ended.returncode == 0, ended.stderr
    return target


def test_every_labelled_face_is_covered_and_the_rest_stays_sharp(
    anonymized: Path, footage: Path
) -> None:
    clear, covered, faces = luma(footage), luma(anonymized), labels(footage)
    assert len(covered) == len(clear)
    for number, (before, after) in enumerate(zip(clear, covered, strict=True)):
        for box in faces[number]:
            assert abs(likeness(before, after, box)) < 0.6, f"the face shows in frame {number}"
    assert (
        np.median(
            [np.abs(a.astype(int) - b)[:40].mean() for a, b in zip(clear, covered, strict=True)]
        )
        < 6
    )


def test_faces_behind_scene_cuts_are_covered_from_the_first_frame_on(
    footage_with_cuts: Path, tmp_path: Path
) -> None:
    target = tmp_path / "cuts.mp4"
    assert anoncam("anonymize", footage_with_cuts, "-o", target).returncode == 0
    faces = labels(footage_with_cuts)
    clear, covered = luma(footage_with_cuts), luma(target)
    first = json.loads(footage_with_cuts.with_suffix(".json").read_text())["cuts"]
    assert first
    for number in [place for cut_at in first for place in range(cut_at, cut_at + 10)]:
        for box in faces[number]:
            assert abs(likeness(clear[number], covered[number], box)) < 0.6, (
                f"the face shows in frame {number}"
            )


def test_size_and_times_stay_also_where_the_rate_varies(tmp_path: Path) -> None:
    shown = [0, 1, 2, 7, 8, 30, 31, 33, 60, 61]
    clip = make_clip(tmp_path / "clip.mkv", size=(322, 182), times=shown, time_base=Fraction(1, 25))
    ended = anoncam("anonymize", clip, "-o", tmp_path / "out.mp4")
    assert ended.returncode == 0, ended.stderr
    assert times(tmp_path / "out.mp4") == pytest.approx(times(clip), abs=1e-9)
    assert luma(tmp_path / "out.mp4")[0].shape == (182, 322)


def test_an_odd_size_grows_by_one_and_a_line_says_so(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mkv", "ffv1", size=(321, 181))
    ended = anoncam("anonymize", clip, "-o", tmp_path / "out.mkv")
    assert ended.returncode == 0, ended.stderr
    assert luma(tmp_path / "out.mkv")[0].shape == (182, 322)
    assert "321x181: an odd side of the copy is longer by one" in ended.stderr


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotation_stays(tmp_path: Path, rotation: int) -> None:
    clip = make_clip(tmp_path / "clip.mp4", rotation=rotation)
    assert anoncam("anonymize", clip, "-o", tmp_path / "out.mp4").returncode == 0
    with av.open(str(clip)) as before, av.open(str(tmp_path / "out.mp4")) as after:
        turns = [next(each.decode(video=0)).rotation for each in (before, after)]
    assert turns[0] == turns[1] != 0


@pytest.mark.parametrize("orientation", [1, 6, 3, 8])
def test_a_picture_comes_out_upright_covered_and_without_exif(
    tmp_path: Path, orientation: int
) -> None:
    source, target = portrait(tmp_path / "in.jpg", orientation), tmp_path / "out.jpg"
    ended = anoncam("anonymize", source, "-o", target)
    assert ended.returncode == 0, ended.stderr
    with Image.open(target) as picture:
        assert not picture.getexif()
        after = np.asarray(picture.convert("L"))
    before = np.asarray(Image.fromarray(astronaut()).convert("L"))
    assert abs(likeness(before, after, (180, 65, 270, 175))) < 0.6
    assert likeness(before, after, (350, 100, 500, 480)) > 0.95


def test_progress_is_a_bar_on_a_terminal_only(footage: Path, tmp_path: Path) -> None:
    ended = anoncam("anonymize", footage, "-o", tmp_path / "plain.mp4")
    assert "\r" not in ended.stderr
    ours, theirs = pty.openpty()
    termios.tcsetwinsize(theirs, (24, 100))
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "anoncam",
            "anonymize",
            str(footage),
            "-o",
            str(tmp_path / "bar.mp4"),
        ],
        stderr=theirs,
        stdout=subprocess.DEVNULL,
    )
    os.close(theirs)
    shown = b""
    # An error is how a terminal ends.
    with contextlib.suppress(OSError):
        while chunk := os.read(ours, 4096):
            shown += chunk
    os.close(ours)
    assert process.wait(60) == 0
    assert b"120/120" in shown
    assert b"frames/s" in shown
