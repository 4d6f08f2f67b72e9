"""`anoncam anonymize` with coverage files."""

import json
from pathlib import Path

import pytest

from anoncam.errors import CoverageFileError, InputError, StorageError
from tests.support.clips import cut, make_clip
from tests.support.pictures import portrait
from tests.support.running import anoncam
from tests.support.watching import labels, likeness, luma

pytestmark = pytest.mark.integration


def test_what_is_written_covers_the_faces_again_without_a_detector(
    footage: Path, tmp_path: Path
) -> None:
    written = tmp_path / "coverage.json"
    ended = anoncam(
        "anonymize", footage, "-o", tmp_path / "one.mp4", "--write-coverage", written, "--json"
    )
    assert ended.returncode == 0, ended.stderr
    # Nothing starts the detector: its model is missing.
    no_model = {"ANONCAM__DETECTOR__MODEL": str(tmp_path / "missing.tflite")}
    arguments = ("--coverage", written, "--json")
    again = anoncam(
        "anonymize", footage, "-o", tmp_path / "two.mp4", *arguments, environment=no_model
    )
    assert again.returncode == 0, again.stderr
    counts = [
        (each["frames"], each["faces_covered"], each["veiled"])
        for each in (json.loads(ended.stdout)[0], json.loads(again.stdout)[0])
    ]
    assert counts[0] == counts[1]
    faces = labels(footage)
    for number, (before, after) in enumerate(
        zip(luma(footage), luma(tmp_path / "two.mp4"), strict=True)
    ):
        for box in faces[number]:
            assert abs(likeness(before, after, box)) < 0.6, f"the face shows in frame {number}"


def test_a_picture_is_corrected_by_hand(tmp_path: Path) -> None:
    source, written = portrait(tmp_path / "in.png"), tmp_path / "coverage.json"
    assert (
        anoncam(
            "anonymize", source, "-o", tmp_path / "a.png", "--write-coverage", written
        ).returncode
        == 0
    )
    [track] = json.loads(written.read_text())["tracks"]
    ended = anoncam(
        *("anonymize", source, "-o", tmp_path / "b.png", "--coverage", written),
        *("--remove", track["id"], "--add", "350,100,500,480@0-0"),
    )
    assert ended.returncode == 0, ended.stderr
    before, after = luma(source)[0], luma(tmp_path / "b.png")[0]
    assert likeness(before, after, (180, 65, 270, 175)) > 0.9
    assert abs(likeness(before, after, (350, 100, 500, 480))) < 0.6


@pytest.mark.parametrize("option", ["--detect", "--remove=track 1", "--add=1,2,3,4@0-1"])
def test_corrections_need_a_file_to_correct(tmp_path: Path, option: str) -> None:
    ended = anoncam("anonymize", tmp_path / "in.mp4", "-o", tmp_path / "out.mp4", option)
    assert ended.returncode == 2
    assert "--coverage" in ended.stderr


@pytest.mark.parametrize("option", ["--coverage", "--write-coverage"])
def test_a_coverage_file_is_that_of_one_input(tmp_path: Path, option: str) -> None:
    ended = anoncam("anonymize", "a.mp4", "b.mp4", "-o", tmp_path, option, tmp_path / "c.json")
    assert ended.returncode == 2
    assert "one input" in ended.stderr


def test_a_bad_coverage_file_ends_with_one_line_and_no_output(tmp_path: Path) -> None:
    clip, bad = make_clip(tmp_path / "in.mkv"), tmp_path / "coverage.json"
    bad.write_text('{"format": "anoncam-coverage", "version": 1}')
    ended = anoncam("anonymize", clip, "-o", tmp_path / "out.mkv", "--coverage", bad)
    assert ended.returncode == CoverageFileError.exit_code
    assert len(ended.stderr.splitlines()) == 1
    assert f"{bad} cannot be used: anoncam: Field required; source: Field" in ended.stderr
    assert not (tmp_path / "out.mkv").exists()


@pytest.mark.parametrize("taken", ["in.mkv", "out.mkv", "coverage.json"])
def test_coverage_never_replaces_what_it_belongs_to(tmp_path: Path, taken: str) -> None:
    clip, coverage = make_clip(tmp_path / "in.mkv"), tmp_path / "coverage.json"
    arguments = ("anonymize", clip, "-o", tmp_path / "out.mkv", "--force")
    assert anoncam(*arguments, "--write-coverage", coverage).returncode == 0
    before = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
    ended = anoncam(*arguments, "--coverage", coverage, "--write-coverage", tmp_path / taken)
    assert ended.returncode == StorageError.exit_code
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == before


def test_of_a_file_that_breaks_off_the_coverage_of_what_came_before_is_written(
    tmp_path: Path,
) -> None:
    clip = cut(make_clip(tmp_path / "in.mkv", "ffv1", times=range(200)), 0.5)
    coverage, again = tmp_path / "coverage.json", tmp_path / "again.json"
    ended = anoncam("anonymize", clip, "-o", tmp_path / "a.mkv", "--write-coverage", coverage)
    assert ended.returncode == InputError.exit_code
    frames = json.loads(coverage.read_text())["source"]["frames"]
    assert 0 < frames < 200
    ended = anoncam(
        *("anonymize", clip, "-o", tmp_path / "b.mkv", "--coverage", coverage),
        *("--write-coverage", again),
    )
    assert ended.returncode == InputError.exit_code
    assert again.read_bytes() == coverage.read_bytes()
