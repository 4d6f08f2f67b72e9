"""`anoncam audit` on real recordings: a face that was not covered is found, one that was is not."""

import json
import shutil
from fractions import Fraction
from pathlib import Path
from typing import Any

import av
import numpy as np
import pytest
import skimage.data
from PIL import Image

from tests.support.running import anoncam
from tools.leakrate.labels import read_labels

pytestmark = pytest.mark.integration


@pytest.fixture(scope="module")
def covered(footage: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The footage as anoncam writes it."""
    path = tmp_path_factory.mktemp("covered") / "covered.mp4"
    assert anoncam("anonymize", footage, "-o", path).returncode == 0
    return path


@pytest.fixture(scope="module")
def planted(covered: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The same at three times the size, with a face of 30 pixels in it from second 2 to second
    3."""
    path = tmp_path_factory.mktemp("planted") / "planted.mp4"
    portrait = Image.fromarray(skimage.data.astronaut()).crop((100, 20, 350, 270)).resize((66, 66))
    face = np.asarray(portrait.convert("L"))
    with av.open(covered) as source, av.open(path, "w") as target:
        stream = target.add_stream("libx264", rate=30, options={"preset": "ultrafast", "crf": "18"})
        stream.width, stream.height, stream.pix_fmt = 1920, 1080, "yuv420p"
        for number, frame in enumerate(source.decode(video=0)):
            picture = frame.reformat(1920, 1080, "yuv420p").to_ndarray()
            if 60 <= number < 90:
                picture[900:966, 1700:1766] = face
            video = av.VideoFrame.from_ndarray(picture, "yuv420p")
            video.pts, video.time_base = number, Fraction(1, 30)
            target.mux(stream.encode(video))
        target.mux(stream.encode())
    return path


def audited(*arguments: str | Path) -> tuple[int, dict[str, Any]]:
    ended = anoncam("audit", "--json", *arguments)
    assert ended.stdout, ended.stderr
    return ended.returncode, json.loads(ended.stdout)


def test_faces_are_found_unless_they_are_covered(
    footage: Path, covered: Path, tmp_path: Path
) -> None:
    sheet = tmp_path / "sheet.png"
    code, result = audited(covered, "--sheet", sheet, "--threshold", "0.45")
    assert (code, result["findings"]) == (0, [])
    assert not sheet.exists()
    assert [each["frames"] for each in result["files"]] == [120]

    code, result = audited(footage, "--sheet", sheet, "--every", "0.2")
    assert code == result["exit_code"] == 13
    face = next(each for each in result["findings"] if each["score"] > 0.5)
    labelled = read_labels(footage).faces[round(face["at"] * 30)][0].box
    assert face["box"] == pytest.approx(labelled, abs=0.3 * labelled[3])
    with Image.open(sheet) as opened:
        assert opened.format == "PNG"


def is_in_its_place(box: list[float]) -> bool:
    x, y, width, height = box
    return 1700 <= x + width / 2 <= 1766 and 900 <= y + height / 2 <= 966 and height < 66


def test_a_small_face_planted_in_a_large_picture_is_found_in_its_place_and_time(
    planted: Path,
) -> None:
    code, result = audited(planted)
    assert code == 13
    face = max(
        (each for each in result["findings"] if is_in_its_place(each["box"])),
        key=lambda each: each["score"],
    )
    assert face["score"] > 0.5
    assert 1.9 <= face["first"] <= face["last"] <= 3.1
    assert face["candidates"] >= 2


def test_a_folder_is_searched_with_its_subfolders_and_unreadable_files_are_listed(
    covered: Path, tmp_path: Path
) -> None:
    (tmp_path / "inner").mkdir()
    shutil.copy(covered, tmp_path / "inner" / "good.mp4")
    (tmp_path / "broken.mp4").write_bytes(b"no video")
    (tmp_path / "notes.txt").write_text("no footage")
    code, result = audited(tmp_path, "--every", "2", "--threshold", "0.9")
    assert code == 3
    assert [Path(each["file"]).name for each in result["files"]] == ["good.mp4"]
    assert len(result["problems"]) == 1
    people = anoncam("audit", tmp_path, "--every", "2", "--threshold", "0.9")
    assert "UNREADABLE" in people.stdout
    assert "1 file searched: 2 of 120 pictures" in people.stdout


def test_each_finding_is_printed_with_its_place_and_time(footage: Path, tmp_path: Path) -> None:
    people = anoncam("audit", footage, "--every", "1", "--sheet", tmp_path / "sheet.png")
    assert people.returncode == 13
    assert f"{footage} 0:00.0 to" in people.stdout
    assert f"{tmp_path / 'sheet.png'} shows each of them, by number" in people.stdout


@pytest.mark.parametrize("place", ["empty", "missing"])
def test_a_place_without_footage_is_an_error(tmp_path: Path, place: str) -> None:
    (tmp_path / "empty").mkdir()
    ended = anoncam("audit", tmp_path / place)
    assert ended.returncode == 3
    assert ended.stderr.startswith("anoncam: there is no")
    assert len(ended.stderr.splitlines()) == 1
