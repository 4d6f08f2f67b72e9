"""`anoncam review` on real footage."""

from pathlib import Path

import pytest

from anoncam.errors import CoverageFileError
from tests.support.clips import make_clip
from tests.support.running import anoncam

pytestmark = pytest.mark.integration


@pytest.mark.parametrize("ending", ["html", "png"])
def test_a_sheet_is_written_and_its_tracks_are_listed(
    footage: Path, tmp_path: Path, ending: str
) -> None:
    coverage, sheet = tmp_path / "coverage.json", tmp_path / f"sheet.{ending}"
    written = anoncam(
        "anonymize", footage, "-o", tmp_path / "out.mp4", "--write-coverage", coverage
    )
    assert written.returncode == 0
    ended = anoncam("review", coverage, footage, "-o", sheet)
    assert ended.returncode == 0, ended.stderr
    assert ended.stdout.startswith("1 track ")
    assert sheet.stat().st_size > 1000


def test_other_footage_gives_no_sheet(tmp_path: Path) -> None:
    one, other = make_clip(tmp_path / "a.mkv"), make_clip(tmp_path / "b.mkv", size=(64, 48))
    coverage, sheet = tmp_path / "coverage.json", tmp_path / "sheet.html"
    anoncam("anonymize", one, "-o", tmp_path / "out.mkv", "--write-coverage", coverage)
    ended = anoncam("review", coverage, other, "-o", sheet)
    assert ended.returncode == CoverageFileError.exit_code
    assert "another file" in ended.stderr
    assert not sheet.exists()
