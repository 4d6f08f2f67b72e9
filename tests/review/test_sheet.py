from pathlib import Path

import numpy as np
import pytest

from anoncam.errors import StorageError
from anoncam.review.look_through import EACH, SIDE, Look
from anoncam.review.sheet import as_html, describe, lay_out, sheet_output, write_sheet
from anoncam.tracking.coverage import Coverage, CoverBox, Reason
from tests.support.documents import document_of

LOW = CoverBox((1, 1, 9, 9), "track 7", 0.34, Reason.SUM)
DOCUMENT = document_of([Coverage((LOW,))] * 26 + [Coverage(veil="<b>late</b>")])


def looks(count: int = 1) -> list[Look]:
    picture = np.full((SIDE, SIDE, 3), 90, np.uint8)
    return [Look(DOCUMENT.tracks[0], [picture] * EACH) for _ in range(count)]


def test_a_line_says_who_when_and_why() -> None:
    said = describe(DOCUMENT.tracks[0], DOCUMENT)
    assert said == "track 7: 0:00.000 to 0:01.000, score 0.34, sum"


def test_the_page_is_whole_and_quotes_what_the_file_says() -> None:
    page = as_html(DOCUMENT, looks())
    assert "--remove 'track 7'" in page
    assert page.count("data:image/png;base64,") == EACH
    assert "&lt;b&gt;late&lt;/b&gt;" in page
    assert "<b>" not in page
    assert "http" not in page and "<script" not in page


def test_the_page_says_how_many_tracks_it_leaves_out() -> None:
    assert "1 of less doubt are left out" in as_html(DOCUMENT, [])


@pytest.mark.parametrize("count", [0, 1, 2, 3, 4, 30])
def test_the_picture_has_a_row_of_thumbnails_for_each_track(count: int) -> None:
    shown = (lay_out(looks(count)) == 90).all(axis=2).sum()
    numbered = count * SIDE * 60
    assert count * EACH * SIDE * SIDE - numbered <= shown <= count * EACH * SIDE * SIDE


def test_a_sheet_is_html_or_png(tmp_path: Path) -> None:
    for name, start in [("a.html", b"<!DOCTYPE html>"), ("a.png", b"\x89PNG")]:
        write_sheet(DOCUMENT, looks(), sheet_output(tmp_path / name, force=False))
        assert (tmp_path / name).read_bytes().startswith(start)
        with pytest.raises(StorageError, match="exists"):
            sheet_output(tmp_path / name, force=False)
    with pytest.raises(StorageError, match="end it in"):
        sheet_output(tmp_path / "a.jpg", force=False)
