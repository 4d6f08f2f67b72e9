"""`anoncam anonymize` on real files."""

import contextlib
import json
import os
import pty
import signal
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

from anoncam.errors import InputError, ModelError, StorageError
from tests.support.clips import cut, make_clip, make_sound
from tests.support.running import anoncam
from tests.support.watching import labels, likeness, luma, times

pytestmark = pytest.mark.integration

ORIENTATION, GPS = 0x0112, 0x8825


@pytest.fixture(scope="module")
def anonymized(footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    target = tmp_path_factory.mktemp("anonymized") / "face.mp4"
    ended = anoncam("anonymize", footage, "-o", target)
    assert ended.returncode == 0, ended.stderr
    return target


def portrait(path: Path, orientation: int = 1) -> Path:
    exif = Image.Exif()
    exif[ORIENTATION] = orientation
    exif[GPS] = {1: "N", 2: (52.0, 31.0, 12.0)}
    turned = np.rot90(astronaut(), {1: 0, 6: 1, 3: 2, 8: 3}[orientation])
    Image.fromarray(np.ascontiguousarray(turned)).save(path, exif=exif, quality=95)
    return path


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


def test_an_odd_size_stays(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mkv", "ffv1", size=(321, 181))
    ended = anoncam("anonymize", clip, "-o", tmp_path / "out.mkv")
    assert ended.returncode == 0, ended.stderr
    assert luma(tmp_path / "out.mkv")[0].shape == (181, 321)


@pytest.mark.parametrize("rotation", [90, 180, 270])
def test_rotation_stays(tmp_path: Path, rotation: int) -> None:
    clip = make_clip(tmp_path / "clip.mp4", rotation=rotation)
    assert anoncam("anonymize", clip, "-o", tmp_path / "out.mp4").returncode == 0
    with av.open(str(clip)) as before, av.open(str(tmp_path / "out.mp4")) as after:
        turns = [next(each.decode(video=0)).rotation for each in (before, after)]
    assert turns[0] == turns[1] != 0


def test_sound_goes_unless_it_is_asked_for_and_then_stays_bit_for_bit(tmp_path: Path) -> None:
    clip = make_sound(tmp_path / "clip.mkv", with_video=True)
    assert anoncam("anonymize", clip, "-o", tmp_path / "mute.mkv").returncode == 0
    assert anoncam("anonymize", clip, "-o", tmp_path / "loud.mkv", "--keep-audio").returncode == 0
    with av.open(str(tmp_path / "mute.mkv")) as mute:
        assert [stream.type for stream in mute.streams] == ["video"]
    assert _sound(tmp_path / "loud.mkv") == _sound(clip) != []


def test_metadata_goes(footage: Path, tmp_path: Path) -> None:
    tagged = tmp_path / "tagged.mkv"
    with av.open(str(footage)) as source, av.open(str(tagged), "w") as target:
        target.metadata.update({"title": "Eileen at home", "location": "+52.5200+013.4050/"})
        stream = target.add_stream_from_template(source.streams.video[0])
        target.add_attachment(
            "cover.jpg", "image/jpeg", portrait(tmp_path / "cover.jpg").read_bytes()
        )
        for packet in source.demux(video=0):
            if packet.dts is not None and packet.dts < 10_000:
                packet.stream = stream
                target.mux(packet)
    for name in ("out.mkv", "out.mp4"):
        assert anoncam("anonymize", tagged, "-o", tmp_path / name).returncode == 0
        with av.open(str(tmp_path / name)) as result:
            assert [stream.type for stream in result.streams] == ["video"]
            assert "Eileen" not in str(result.metadata)
        content = (tmp_path / name).read_bytes()
        assert b"Eileen" not in content
        assert b"+52.52" not in content


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


def test_one_bad_file_does_not_stop_the_others_and_the_exit_code_tells(
    footage: Path, tmp_path: Path
) -> None:
    picture, bad, folder = portrait(tmp_path / "a.png"), tmp_path / "bad.mp4", tmp_path / "out"
    bad.write_bytes(b"this is no video" * 50)
    clip = make_clip(tmp_path / "clip.mkv")
    ended = anoncam("anonymize", picture, bad, clip, "-o", folder, "--json")
    assert ended.returncode == InputError.exit_code
    results = json.loads(ended.stdout)
    assert [bool(result["error"]) for result in results] == [False, True, False]
    assert [result["frames"] for result in results] == [1, 0, 10]
    assert sorted(path.name for path in folder.iterdir()) == ["a.png", "clip.mkv"]
    assert str(bad) in results[1]["error"]


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    clip, target = make_clip(tmp_path / "clip.mkv"), tmp_path / "out.mkv"
    target.write_text("mine")
    refused = anoncam("anonymize", clip, "-o", target)
    assert refused.returncode == StorageError.exit_code
    assert "--force" in refused.stderr
    assert target.read_text() == "mine"
    assert anoncam("anonymize", clip, "-o", target, "--force").returncode == 0
    assert len(luma(target)) == 10


def test_what_would_be_written_over_the_input_or_twice_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first, second = make_clip(tmp_path / "clip.mkv"), make_clip(tmp_path / "other" / "clip.mkv")
    for arguments in ((first, "-o", first), (first, second, "-o", tmp_path / "out")):
        refused = anoncam("anonymize", *arguments, "--force")
        assert refused.returncode == StorageError.exit_code
        assert len(refused.stderr.splitlines()) == 1
    assert len(luma(first)) == 10


def test_the_good_part_of_a_cut_off_video_is_kept_and_the_error_says_where_it_stopped(
    footage: Path, tmp_path: Path
) -> None:
    whole = tmp_path / "whole.mkv"
    with av.open(str(footage)) as source, av.open(str(whole), "w") as target:
        stream = target.add_stream_from_template(source.streams.video[0])
        for packet in source.demux(video=0):
            if packet.dts is not None:
                packet.stream = stream
                target.mux(packet)
    broken = cut(whole, 0.5)
    ended = anoncam("anonymize", broken, "-o", tmp_path / "out.mp4")
    assert ended.returncode == InputError.exit_code
    assert "breaks off at" in ended.stderr
    assert str(tmp_path / "out.mp4") in ended.stderr
    assert 20 < len(luma(tmp_path / "out.mp4")) < 110


@pytest.mark.parametrize("kind", ["missing", "empty", "sound", "folder", "text"])
def test_what_is_no_video_gets_one_clear_line(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "input.mkv"
    if kind == "empty":
        path.touch()
    elif kind == "sound":
        make_sound(path, with_video=False)
    elif kind == "folder":
        path.mkdir()
    elif kind == "text":
        path.write_text("hello\n" * 100)
    ended = anoncam("anonymize", path, "-o", tmp_path / "out.mp4")
    assert ended.returncode == InputError.exit_code
    assert len(ended.stderr.splitlines()) == 1
    assert str(path) in ended.stderr
    assert not (tmp_path / "out.mp4").exists()


def test_a_model_that_is_none_gets_one_clear_line_and_its_exit_code(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_text("no model")
    ended = anoncam(
        "anonymize", make_clip(tmp_path / "clip.mkv"), "-o", tmp_path / "out.mkv",
        environment={"ANONCAM__DETECTOR__MODEL": str(tmp_path / "model.tflite")},
    )  # fmt: skip
    assert ended.returncode == ModelError.exit_code
    assert "is not a TFLite model" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "out.mkv").exists()


def test_ctrl_c_leaves_nothing_half_written(footage: Path, tmp_path: Path) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "anoncam",
            "anonymize",
            *[str(footage)] * 1,
            "-o",
            str(folder / "x.mp4"),
        ],
        stderr=subprocess.PIPE,
        env={**os.environ, "ANONCAM__DETECTOR__RATE": "0"},
    )
    while not list(folder.iterdir()):
        assert process.poll() is None
    process.send_signal(signal.SIGINT)
    _, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert not list(folder.iterdir())


def test_progress_is_a_bar_on_a_terminal_alone(footage: Path, tmp_path: Path) -> None:
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


def _sound(path: Path) -> list[tuple[float, bytes]]:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        return [
            (round(float(packet.pts * packet.time_base), 3), bytes(packet))
            for packet in container.demux(stream)
            if packet.size and packet.pts is not None
        ]
