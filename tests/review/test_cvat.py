"""What goes to CVAT comes back exactly, but for what a person has changed there."""

import re
from pathlib import Path

import pytest
from hypothesis import given

from anoncam.errors import CoverageFileError
from anoncam.review.cvat import from_cvat, to_cvat
from anoncam.review.document import CoverageDocument
from anoncam.review.given_coverage import GivenCoverage
from anoncam.tracking.coverage import Coverage, CoverBox, Reason
from tests.support.documents import FACE, document_of, documents, times

BASE = document_of([Coverage((FACE,))] * 4 + [Coverage(veil="late")] * 2)


def read(tmp_path: Path, text: str, base: CoverageDocument = BASE) -> CoverageDocument:
    path = tmp_path / "annotations.xml"
    path.write_text(text)
    return from_cvat(path, base)


def with_tracks(*tracks: str) -> str:
    return f"<annotations><version>1.1</version>{''.join(tracks)}</annotations>"


def box(frame: int, left: float = 1, further: str = "") -> str:
    edges = f'xtl="{left}" ytl="2" xbr="{left + 9}" ybr="12"'
    return f'<box frame="{frame}" {edges} {further}/>'


@given(documents())
def test_what_nobody_has_changed_comes_back_exactly(
    tmp_path_factory: pytest.TempPathFactory, document: CoverageDocument
) -> None:
    assert read(tmp_path_factory.mktemp("cvat"), to_cvat(document), document) == document


def test_also_where_the_tool_rounds_and_knows_no_attributes(tmp_path: Path) -> None:
    exact = (10.123456, 8.98765, 30.333333, 33.666666)
    base = document_of([Coverage((CoverBox(exact, "track 1", 0.5, Reason.SUM),))] * 3)
    text = re.sub(r"\d+\.\d+", lambda found: f"{float(found[0]):.2f}", to_cvat(base))
    text = re.sub("<attribute name.*?</attribute>", "", text)
    assert "10.12" in text
    assert read(tmp_path, text.replace("<version>1.10<", "<version>1.1<"), base) == base


def test_between_boxes_a_track_moves_evenly_until_it_is_outside(tmp_path: Path) -> None:
    track = '<track id="0" label="person">' + box(0) + box(2, 3) + box(4, 3, 'outside="1"')
    document = GivenCoverage(read(tmp_path, with_tracks(track + "</track>")))
    lefts = [[cover.box[0] for cover in document.at(each).boxes] for each in times(6)]
    assert lefts == [[1], [2], [3], [3], [], []]


def test_a_track_without_an_end_covers_to_the_end_of_the_footage(tmp_path: Path) -> None:
    document = read(tmp_path, with_tracks(f'<track id="0" label="face">{box(1)}</track>'))
    assert (document.tracks[0].first, document.tracks[0].last) == (1, 5)


def test_a_veil_is_a_track_with_that_label(tmp_path: Path) -> None:
    track = f'<track id="0" label="veil">{box(3)}</track>'
    document = read(tmp_path, with_tracks(track))
    assert document.tracks == ()
    assert [(veil.first, veil.last, veil.reason) for veil in document.veiled] == [
        (3, 3, "by hand"),
        (4, 5, "late"),
    ]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "no XML"),
        ("<annotations>", "no XML"),
        ("<other/>", 'no "CVAT for video 1.1"'),
        ('<!DOCTYPE a [<!ENTITY b "c">]><annotations>&b;</annotations>', "document type"),
        ('<?xml version="1.0" encoding="nonsense"?><annotations/>', "no XML"),
        (with_tracks('<image id="0"/>'), "pictures"),
        (with_tracks('<track label="face"><polygon frame="0"/></track>'), "polygon"),
        (with_tracks('<track label="face"><box frame="0"/></track>'), "xtl"),
        (with_tracks(f'<track label="face">{box(6)}</track>'), "no frame 6"),
        (with_tracks(f'<track label="face">{box(-1)}</track>'), "no frame -1"),
        (with_tracks(f'<track label="face">{box(0) * 2}</track>'), "second box"),
        (with_tracks(f'<track label="face">{box(0, further=chr(10))}x</track><b'), "no XML"),
        (with_tracks(f'<track label="a">{box(0, further="rotation={q}30{q}")}</track>'), "rotated"),
        (with_tracks(f'<track label="face">{box(0, float("nan"))}</track>'), "cannot be used"),
        (
            with_tracks("<meta><original_size><width>99</width></original_size></meta>"),
            "width of the footage is 64, not 99",
        ),
    ],
)
def test_what_cannot_be_used_is_refused_with_its_place(
    tmp_path: Path, text: str, said: str
) -> None:
    with pytest.raises(CoverageFileError, match=re.escape(said)):
        read(tmp_path, text.replace("{q}", '"'))
