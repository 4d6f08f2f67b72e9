"""`anoncam detect` on real pictures."""

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image
from skimage.data import astronaut

from anoncam.detectors.model_file import shipped_folder
from anoncam.errors import InputError, ModelError, StorageError
from tests.support.clips import make_clip
from tests.support.pictures import FACE, portrait
from tests.support.running import anoncam

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("orientation", [1, 6, 3, 8])
def test_boxes_are_in_pixels_of_the_picture_as_it_is_shown(
    tmp_path: Path, orientation: int
) -> None:
    path = portrait(tmp_path / "face.jpg", orientation)
    ended = anoncam("detect", path, "--json", "--threshold", "0.5")
    assert ended.returncode == 0, ended.stderr
    found = json.loads(ended.stdout)
    assert list(found) == [str(path)]
    ((box, score),) = [(face["box"], face["score"]) for face in found[str(path)]]
    assert 0.5 <= score <= 1
    assert box == pytest.approx(FACE, abs=12)


def test_a_lower_threshold_never_finds_less(tmp_path: Path) -> None:
    path = portrait(tmp_path / "face.png")
    counts = []
    for threshold in ("0.95", "0.5", "0.05"):
        ended = anoncam("detect", path, "--json", "--threshold", threshold)
        counts.append(len(json.loads(ended.stdout)[str(path)]))
    assert counts == sorted(counts)
    assert counts[0] == 0
    assert counts[1] == 1


def test_each_face_is_printed_on_a_line(tmp_path: Path) -> None:
    path = portrait(tmp_path / "face.png")
    ended = anoncam("detect", path, "--threshold", "0.5")
    first, second = ended.stdout.splitlines()
    assert first == f"{path}: 1 face"
    assert second.startswith("  0.9")


def test_a_model_is_taken_by_its_path(tmp_path: Path) -> None:
    path = portrait(tmp_path / "face.png")
    model = shipped_folder() / "anoncam-face-320x320.tflite"
    ended = anoncam("detect", path, "--model", model, "--json", "--threshold", "0.5")
    assert len(json.loads(ended.stdout)[str(path)]) == 1


def test_an_invalid_model_ends_with_one_line(tmp_path: Path) -> None:
    path = portrait(tmp_path / "face.png")
    for model in (path, tmp_path / "none.tflite"):
        ended = anoncam("detect", path, "--model", model)
        assert ended.returncode == ModelError.exit_code
        assert len(ended.stderr.splitlines()) == 1


def test_boxes_are_drawn_into_a_copy(tmp_path: Path) -> None:
    path = portrait(tmp_path / "face.jpg", 6)
    assert (
        anoncam("detect", path, "--draw", tmp_path / "boxes", "--threshold", "0.5").returncode == 0
    )
    with Image.open(tmp_path / "boxes" / "face.png") as picture:
        drawn = np.asarray(picture.convert("RGB")).astype(int)
    assert drawn.shape == (512, 512, 3)
    changed = np.abs(drawn - astronaut().astype(int)).max(axis=2) > 100
    rows, columns = np.nonzero(changed)
    edges = (columns.min(), rows.min(), columns.max() - columns.min(), rows.max() - rows.min())
    assert edges == pytest.approx(FACE, abs=14)
    assert changed[120, 225] == 0


def test_one_bad_picture_does_not_stop_the_others(tmp_path: Path) -> None:
    good, bad, clip = (
        portrait(tmp_path / "good.jpg"),
        tmp_path / "bad.jpg",
        make_clip(tmp_path / "clip.mp4"),
    )
    bad.write_bytes(good.read_bytes()[:100])
    ended = anoncam("detect", bad, clip, good, "--json", "--threshold", "0.5")
    assert ended.returncode == InputError.exit_code
    assert list(json.loads(ended.stdout)) == [str(good)]
    assert len(ended.stderr.splitlines()) == 2
    assert "Traceback" not in ended.stderr


def test_a_picture_is_never_drawn_over_itself(tmp_path: Path) -> None:
    picture = tmp_path / "face.png"
    Image.fromarray(astronaut()).save(picture)
    before = picture.read_bytes()
    ended = anoncam("detect", picture, "--draw", tmp_path)
    assert ended.returncode == StorageError.exit_code
    assert str(picture) in ended.stderr
    assert len(ended.stderr.splitlines()) == 1
    assert picture.read_bytes() == before


def test_two_pictures_are_never_drawn_to_one_place(tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    pictures = (tmp_path / "face.png", tmp_path / "other" / "face.jpg")
    for path in pictures:
        Image.fromarray(astronaut()).save(path)
    ended = anoncam("detect", *pictures, "--draw", tmp_path / "boxes")
    assert ended.returncode == StorageError.exit_code
    assert "face.png" in ended.stderr
    assert not (tmp_path / "boxes").exists()
