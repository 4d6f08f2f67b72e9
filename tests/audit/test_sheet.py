import stat
from pathlib import Path
from typing import Literal

import numpy as np
import pytest
import skimage.data
from PIL import Image

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.audit.findings import Finding
from anoncam.audit.sheet import COLUMNS, MOST, SIDE, lay_out_sheet, take_thumbnail, write_sheet
from anoncam.audit.squares import are_squares
from anoncam.config.schema import AnonymizerSettings
from anoncam.errors import StorageError
from anoncam.frames.boxes import Box
from anoncam.frames.frame import tight
from anoncam.frames.pool import FramePool
from anoncam.tracking.coverage import Coverage, CoverBox

FACE: Box = (178.0, 65.0, 270.0, 179.0)


def finding(score: float, level: int = 200) -> Finding:
    return Finding(
        Path("a.mp4"), 0, 0, 1, score, 0, (0, 0, 1, 1), np.full((SIDE, SIDE, 3), level, np.uint8)
    )


@pytest.mark.parametrize("scale", [1.0, 0.5, 0.25])
@pytest.mark.parametrize("fill", ["private", "mean", "solid"])
def test_squares_over_a_face_are_recognised(
    scale: float, fill: Literal["private", "mean", "solid"]
) -> None:
    side = round(512 * scale)
    frame = FramePool(tight(side, side), 1).acquire()
    assert frame is not None
    frame.buffer[:] = 128
    frame.luma[:] = np.asarray(
        Image.fromarray(skimage.data.astronaut()).convert("L").resize((side, side))
    )
    left, top, right, bottom = (value * scale for value in FACE)
    face = (left, top, right, bottom)
    assert not are_squares(frame.luma, face)
    Anonymizer(AnonymizerSettings(fill=fill)).apply(frame, Coverage((CoverBox(face, "track 1"),)))
    assert are_squares(frame.luma, face)


@pytest.mark.parametrize("part", [0.4, 0.6])
def test_a_partly_covered_face_still_counts_as_a_face(part: float) -> None:
    frame = FramePool(tight(512, 512), 1).acquire()
    assert frame is not None
    frame.buffer[:] = 128
    frame.luma[:] = np.asarray(Image.fromarray(skimage.data.astronaut()).convert("L"))
    left, top, right, bottom = FACE
    upper = (left, top, right, top + part * (bottom - top))
    Anonymizer(AnonymizerSettings()).apply(frame, Coverage((CoverBox(upper, "track 1"),)))
    assert not are_squares(frame.luma, FACE)


def test_a_box_too_small_to_judge_counts_as_a_face() -> None:
    assert not are_squares(np.full((100, 100), 128, np.uint8), (10, 10, 15, 15))


def test_a_thumbnail_shows_the_surroundings_and_repeats_the_border() -> None:
    frame = FramePool(tight(200, 100), 1).acquire()
    assert frame is not None
    frame.buffer[:] = 128
    frame.luma[:] = 16
    frame.luma[:20, :20] = 235
    thumbnail = take_thumbnail(frame, (0, 0, 20, 20))
    assert thumbnail.shape == (SIDE, SIDE, 3)
    assert thumbnail[SIDE // 2, SIDE // 2].min() > 250
    assert thumbnail[-1, -1].max() < 5


def test_the_sheet_has_a_numbered_tile_for_each_finding(tmp_path: Path) -> None:
    findings = [finding(0.5, level) for level in range(100, 100 + COLUMNS + 1)]
    write_sheet(findings, tmp_path / "sheet.png", force=False)
    with Image.open(tmp_path / "sheet.png") as opened:
        sheet = np.asarray(opened.convert("RGB"))
    assert np.array_equal(sheet, lay_out_sheet(findings))
    middles = [
        sheet[4 + SIDE - 5, 4 + number * (SIDE + 4) + SIDE - 5, 0] for number in range(COLUMNS)
    ]
    assert middles == list(range(100, 100 + COLUMNS))
    assert sheet[4 + SIDE + 4 + SIDE - 5, 4 + SIDE - 5, 0] == 100 + COLUMNS
    numbers = [
        sheet[4:30, 4 + number * (SIDE + 4) : 30 + number * (SIDE + 4)].tobytes()
        for number in range(COLUMNS)
    ]
    assert len(set(numbers)) == COLUMNS
    assert stat.S_IMODE((tmp_path / "sheet.png").stat().st_mode) == 0o600


def test_a_sheet_shows_the_highest_scores_of_too_many_findings() -> None:
    weak = [finding(0.3, 50) for _ in range(MOST)]
    sheet = lay_out_sheet([*weak, finding(0.9, 255)])
    assert sheet.shape[0] == 4 + MOST // COLUMNS * (SIDE + 4)
    assert sheet[-10, -10, 0] == 255


def test_a_sheet_that_exists_is_kept(tmp_path: Path) -> None:
    path = tmp_path / "sheet.png"
    path.write_bytes(b"mine")
    with pytest.raises(StorageError, match="exists"):
        write_sheet([finding(0.5)], path, force=False)
    assert path.read_bytes() == b"mine"
    write_sheet([finding(0.5)], path, force=True)
    assert path.read_bytes() != b"mine"
    assert list(tmp_path.iterdir()) == [path]


def test_a_sheet_by_another_name_is_refused(tmp_path: Path) -> None:
    with pytest.raises(StorageError, match=r"end it in \.png"):
        write_sheet([finding(0.5)], tmp_path / "sheet.jpg", force=False)
