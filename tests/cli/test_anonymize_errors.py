"""`anoncam anonymize` where something is in the way: bad inputs, full disks, signals."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import av
import pytest
from PIL import Image
from skimage.data import astronaut

from anoncam.errors import InputError, ModelError, StorageError
from tests.support.clips import cut, make_clip, make_sound
from tests.support.pictures import portrait
from tests.support.running import anoncam
from tests.support.watching import luma

pytestmark = pytest.mark.integration

LITTLE = 700_000
"""Bytes that a file may have: more than the memory shared with the detector of 320x320, less than
the footage takes."""


def test_one_bad_file_does_not_stop_the_others_and_sets_the_exit_code(
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


@pytest.mark.parametrize("kind", ["missing", "empty", "sound", "folder", "text"])
def test_an_input_that_is_not_a_video_ends_with_one_line(tmp_path: Path, kind: str) -> None:
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


def test_the_good_part_of_a_cut_off_video_is_kept_and_the_error_names_its_end(
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


def test_a_truncated_picture_is_an_error(tmp_path: Path) -> None:
    whole, short = tmp_path / "a.jpg", tmp_path / "short.jpg"
    Image.fromarray(astronaut()).save(whole)
    short.write_bytes(whole.read_bytes()[:200])
    ended = anoncam("anonymize", short, "-o", tmp_path / "out.jpg")
    assert ended.returncode == InputError.exit_code
    assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "out.jpg").exists()


def test_an_invalid_model_ends_with_one_line_and_its_exit_code(tmp_path: Path) -> None:
    (tmp_path / "model.tflite").write_text("no model")
    ended = anoncam(
        "anonymize", make_clip(tmp_path / "clip.mkv"), "-o", tmp_path / "out.mkv",
        environment={"ANONCAM__DETECTOR__MODEL": str(tmp_path / "model.tflite")},
    )  # fmt: skip
    assert ended.returncode == ModelError.exit_code
    assert "is not a TFLite model" in ended.stderr
    assert "Traceback" not in ended.stderr
    assert not (tmp_path / "out.mkv").exists()


def test_nothing_is_overwritten_without_force(tmp_path: Path) -> None:
    clip, target = make_clip(tmp_path / "clip.mkv"), tmp_path / "out.mkv"
    target.write_text("mine")
    refused = anoncam("anonymize", clip, "-o", target)
    assert refused.returncode == StorageError.exit_code
    assert "--force" in refused.stderr
    assert target.read_text() == "mine"
    assert anoncam("anonymize", clip, "-o", target, "--force").returncode == 0
    assert len(luma(target)) == 10


def test_an_output_that_is_the_input_or_that_of_another_input_is_refused(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    first, second = make_clip(tmp_path / "clip.mkv"), make_clip(tmp_path / "other" / "clip.mkv")
    for arguments in ((first, "-o", first), (first, second, "-o", tmp_path / "out")):
        refused = anoncam("anonymize", *arguments, "--force")
        assert refused.returncode == StorageError.exit_code
        assert len(refused.stderr.splitlines()) == 1
    assert len(luma(first)) == 10


def test_an_output_of_the_wrong_kind_or_in_a_missing_folder_ends_with_one_line(
    tmp_path: Path,
) -> None:
    clip, picture = make_clip(tmp_path / "clip.mkv"), tmp_path / "a.png"
    Image.fromarray(astronaut()).save(picture)
    pairs = (
        (clip, tmp_path / "out.png"),
        (picture, tmp_path / "out.mp4"),
        (clip, tmp_path / "none" / "out.mp4"),
    )
    for source, target in pairs:
        ended = anoncam("anonymize", source, "-o", target)
        assert ended.returncode == StorageError.exit_code
        assert len(ended.stderr.splitlines()) == 1
        assert ended.stderr.count("(") == 1, "no remedy"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["a.png", "clip.mkv"]


def limited(*arguments: str | Path) -> subprocess.CompletedProcess[str]:
    """Run a command that can write no file larger than `LITTLE`, as on a disk that is full."""
    command = [
        "prlimit",
        f"--fsize={LITTLE}",
        sys.executable,
        "-m",
        "anoncam",
        *map(str, arguments),
    ]
    environment = {**os.environ, "ANONCAM__DETECTOR__MODEL": "anoncam-face-320x320"}
    return subprocess.run(
        command, check=False, capture_output=True, text=True, timeout=60, env=environment
    )


@pytest.mark.parametrize("ending", ["mp4", "mkv"])
def test_on_a_full_disk_the_old_output_stays_and_nothing_else_is_left(
    footage: Path, tmp_path: Path, ending: str
) -> None:
    folder = tmp_path / "out"
    folder.mkdir()
    target = folder / f"out.{ending}"
    target.write_text("mine")
    ended = limited("anonymize", footage, "-o", target, "--force", "--json")
    assert ended.returncode == StorageError.exit_code, ended.stderr
    (result,) = json.loads(ended.stdout)
    assert result["output"] is None
    assert str(target) in result["error"]
    assert target.read_text() == "mine"
    assert list(folder.iterdir()) == [target]
    assert "Traceback" not in ended.stderr


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
    _, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert not list(folder.iterdir())


def test_a_stop_in_the_second_file_keeps_the_first_and_reports_no_other(
    footage: Path, tmp_path: Path
) -> None:
    first, folder = make_clip(tmp_path / "first.mkv"), tmp_path / "out"
    folder.mkdir()
    old = folder / footage.name
    old.write_text("mine")
    process = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "anoncam",
            "anonymize",
            first,
            footage,
            "-o",
            folder,
            "--force",
            "--json",
            "--jobs",
            "1",
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "ANONCAM__DETECTOR__RATE": "0"},
    )
    while not list(folder.glob(f".{footage.name}*")):
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    printed, errors = process.communicate(timeout=60)
    assert process.returncode == 130, errors
    assert [result["output"] for result in json.loads(printed)] == [str(folder / "first.mkv"), None]
    assert len(luma(folder / "first.mkv")) == 10
    assert old.read_text() == "mine"
    assert len(list(folder.iterdir())) == 2
