"""`anoncam anonymize` where something is in the way: full disks, signals, streams that must not be
taken along."""

import json
import os
import signal
import subprocess
import sys
from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image
from skimage.data import astronaut

from anoncam.errors import InputError, StorageError
from tests.support.clips import make_clip, make_sound
from tests.support.running import anoncam
from tests.support.watching import luma

pytestmark = pytest.mark.integration

LITTLE = 700_000
"""Bytes that a file may have: more than the memory shared with the detector of 320x320, less than
the footage takes."""


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
def test_a_full_disk_leaves_nothing_and_what_was_there_before_stays(
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
        ],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        env={**os.environ, "ANONCAM__DETECTOR__RATE": "0"},
    )
    while not list(folder.glob(f".{footage.name}*")):
        assert process.poll() is None
    process.send_signal(signal.SIGTERM)
    printed, told = process.communicate(timeout=60)
    assert process.returncode == 130, told
    assert [result["output"] for result in json.loads(printed)] == [str(folder / "first.mkv"), None]
    assert len(luma(folder / "first.mkv")) == 10
    assert old.read_text() == "mine"
    assert len(list(folder.iterdir())) == 2


def test_chapters_and_a_track_of_sound_that_was_not_asked_for_go(tmp_path: Path) -> None:
    clip = make_sound(tmp_path / "clip.mkv", with_video=True)
    tagged = tmp_path / "tagged.mkv"
    with av.open(str(clip)) as source, av.open(str(tagged), "w") as target:
        streams = {
            stream.index: target.add_stream_from_template(stream) for stream in source.streams
        }
        title = {"title": "Eileen arrives"}
        target.set_chapters(
            [{"id": 1, "start": 0, "end": 500, "time_base": Fraction(1, 1000), "metadata": title}]
        )
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    assert b"Eileen" in tagged.read_bytes()
    for name in ("out.mkv", "out.mp4"):
        assert anoncam("anonymize", tagged, "-o", tmp_path / name).returncode == 0
        with av.open(str(tmp_path / name)) as result:
            assert not result.chapters()
            assert [stream.type for stream in result.streams] == ["video"]
        assert b"Eileen" not in (tmp_path / name).read_bytes()


@pytest.mark.parametrize("ending", ["png", "webp", "jpg"])
def test_the_place_where_a_picture_was_taken_goes(tmp_path: Path, ending: str) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}
    exif[0x010E] = "Eileen at home"
    source, target = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    Image.fromarray(astronaut()).save(source, exif=exif)
    assert b"Eileen" in source.read_bytes()
    ended = anoncam("anonymize", source, "-o", target)
    assert ended.returncode == 0, ended.stderr
    assert "1 faces covered" in ended.stdout or "1 face covered" in ended.stdout
    content = target.read_bytes()
    assert b"Eileen" not in content
    assert b"Exif" not in content
    assert b"eXIf" not in content


def test_a_kind_of_output_that_does_not_fit_and_a_folder_that_is_missing_get_one_line(
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


def test_a_truncated_picture_is_told(tmp_path: Path) -> None:
    whole, short = tmp_path / "a.jpg", tmp_path / "short.jpg"
    Image.fromarray(astronaut()).save(whole)
    short.write_bytes(whole.read_bytes()[:200])
    ended = anoncam("anonymize", short, "-o", tmp_path / "out.jpg")
    assert ended.returncode == InputError.exit_code
    assert len(ended.stderr.splitlines()) == 1
    assert not (tmp_path / "out.jpg").exists()
