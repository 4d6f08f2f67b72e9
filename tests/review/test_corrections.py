import pytest

from anoncam.errors import CoverageFileError
from anoncam.review.corrections import corrected, parse_box
from anoncam.review.given_coverage import GivenCoverage
from anoncam.tracking.coverage import Coverage, CoverBox, Reason
from tests.support.documents import FACE, document_of, times

DOCUMENT = document_of([Coverage((FACE, CoverBox((1, 2, 3, 4), "track 2")))] * 50)


def covered_by_hand(text: str) -> list[int]:
    read = GivenCoverage(corrected(DOCUMENT, [], [text]))
    return [
        number
        for number, timestamp in enumerate(times(50))
        if any(box.reason is Reason.BY_HAND for box in read.at(timestamp).boxes[2:])
    ]


def test_a_track_that_is_removed_covers_nothing_any_more() -> None:
    read = GivenCoverage(corrected(DOCUMENT, ["track 2"], []))
    assert read.at(0).boxes == (FACE,)


@pytest.mark.parametrize(
    ("span", "first", "last"),
    [
        ("0-0", 0, 0),
        ("0.04-0.08", 1, 2),
        ("0.05-0.07", 1, 1),
        ("0.05-0.09", 1, 2),
        ("1.9-99", 47, 49),
        ("0:01-0:00:01", 25, 25),
        ("0-1:00", 0, 49),
        ("1.97-1.98", 49, 49),
    ],
)
def test_a_box_covers_every_frame_that_is_shown_in_its_time(
    span: str, first: int, last: int
) -> None:
    assert covered_by_hand(f"5,6,40,41@{span}") == list(range(first, last + 1))


def test_added_boxes_have_names_of_their_own_and_stay_with_corrections_to_come() -> None:
    once = corrected(DOCUMENT, [], ["5,6,7,8@0-1", "-1,6.5,7,8@0-1"])
    twice = corrected(once, ["hand 1"], ["5,6,7,8@0-1"])
    assert [track.id for track in twice.tracks[2:]] == ["hand 2", "hand 1"]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "5,6,7,8",
        "5,6,7@0-1",
        "5,6,7,8@1",
        "5,6,7,8@2-1",
        "8,6,5,8@0-1",
        "5,6,5,8@0-1",
        "nan,6,7,8@0-1",
        "1e3,6,7,8@0-1",
        "5,6,7,8@-1-2",
        "\u0665,6,7,8@0-1",
        "5,6,99999999,8@0-1",
        "5,6,7,8@60-61",
    ],
)
def test_what_is_no_box_of_the_footage_is_refused(text: str) -> None:
    with pytest.raises(CoverageFileError):
        corrected(DOCUMENT, [], [text])


def test_a_track_that_is_not_there_is_refused_with_those_that_are() -> None:
    with pytest.raises(CoverageFileError, match="track 1, track 2"):
        corrected(DOCUMENT, ["track 3"], [])


def test_times_and_box_are_read_as_they_are_written() -> None:
    assert parse_box("1, 2.5 ,3,4@1:02:03.5 - 1:02:04") == ((1, 2.5, 3, 4), 3723.5, 3724)
