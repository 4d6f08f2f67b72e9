import pytest

from anoncam.errors import CoverageFileError
from anoncam.review.annotations import annotated
from anoncam.review.given_coverage import GivenCoverage
from anoncam.tracking.coverage import Coverage, CoverBox, Reason
from tests.support.documents import FACE, document_of, times, turned

BASE = document_of(
    [Coverage((CoverBox(FACE.box, "track 1", 0.7, Reason.SURE),), "late" * (n > 1)) for n in (0, 1)]
)


def test_a_box_that_is_only_rounded_stays_as_it_was() -> None:
    rounded = tuple(edge + 0.004 for edge in FACE.box)
    assert annotated(BASE, [("track 1", {0: rounded, 1: rounded})], []) == BASE  # type: ignore[dict-item]


def test_a_box_that_was_moved_is_by_hand() -> None:
    moved = (12.0, 8.0, 32.0, 33.0)
    [track] = annotated(BASE, [("track 1", {0: FACE.box, 1: moved})], []).tracks
    assert [(span.reason, span.keys[0][1:]) for span in track.spans] == [
        (Reason.SURE, FACE.box),
        (Reason.BY_HAND, moved),
    ]


def test_a_track_without_a_name_is_known_by_its_boxes() -> None:
    tracks = [(None, {0: (1.0, 1.0, 9.0, 9.0)}), (None, {1: FACE.box}), (None, {0: FACE.box})]
    changed = annotated(BASE, tracks, [])
    assert [track.id for track in changed.tracks] == ["track 1", "hand 1"]
    assert changed.tracks[0] == BASE.tracks[0]


def test_veils_are_those_of_the_annotations_with_the_reasons_of_the_document() -> None:
    base = document_of([Coverage(veil="late"), Coverage(), Coverage(veil="late")])
    changed = annotated(base, [], [1, 0, 1])
    assert [GivenCoverage(changed).at(each).veil for each in times(3)] == ["late", "by hand", ""]


def test_two_boxes_of_one_track_in_one_frame_are_refused() -> None:
    tracks = [("track 1", {0: FACE.box}), ("track 1", {0: FACE.box})]
    with pytest.raises(CoverageFileError, match="two boxes in one frame"):
        annotated(BASE, tracks, [])


def test_new_boxes_are_turned_to_the_stored_picture() -> None:
    changed = annotated(turned(BASE, 90), [("new", {0: (0.0, 0.0, 10.0, 20.0)})], [])
    assert GivenCoverage(changed).at(0).boxes[-1].box == (0, 38, 20, 48)
