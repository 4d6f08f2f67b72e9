"""What is written down gives the same coverage again, frame by frame."""

import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.config.schema import AnonymizerSettings
from anoncam.review.coverage_log import TOO_FAR
from anoncam.review.document import FARTHEST, CoverageDocument
from anoncam.review.given_coverage import GivenCoverage
from anoncam.tracking.coverage import Coverage, CoverBox, Reason
from tests.support.documents import FACE, coverages, document_of, times


@given(st.lists(coverages(), max_size=12))
def test_the_written_coverage_is_the_same_in_every_frame(frames: list[Coverage]) -> None:
    written = document_of(frames).model_dump_json()
    read = GivenCoverage(CoverageDocument.model_validate_json(written))
    again = [read.at(timestamp) for timestamp in times(len(frames))]
    assert again == frames
    for before, after in zip(frames, again, strict=True):
        assert [box.reason for box in before.boxes] == [box.reason for box in after.boxes]


@given(st.lists(coverages(), max_size=12))
def test_what_is_applied_and_written_again_covers_the_same(frames: list[Coverage]) -> None:
    first = document_of(frames)
    given_coverage = GivenCoverage(first)
    second = document_of([given_coverage.at(timestamp) for timestamp in times(len(frames))])
    assert {track.id: track for track in first.tracks} == {
        track.id: track for track in second.tracks
    }
    assert first.veiled == second.veiled


def test_a_later_track_that_lies_below_earlier_ones_stays_there() -> None:
    below, middle, above = (CoverBox(FACE.box, f"track {number}") for number in (1, 2, 3))
    frames = [(above,), (middle,), (middle, above), (below, middle, above), (below, above)]
    read = GivenCoverage(document_of([Coverage(boxes) for boxes in frames]))
    assert [read.at(timestamp).boxes for timestamp in times(5)] == frames


def test_a_box_that_stays_takes_two_keys() -> None:
    [track] = document_of([Coverage((FACE,))] * 1000).tracks
    assert [key[0] for key in track.spans[0].keys] == [0, 999]


def test_a_track_has_its_highest_score_and_each_span_its_reason() -> None:
    frames = [
        Coverage((CoverBox(FACE.box, "track 1", score, reason),))
        for score, reason in [(0.3, Reason.PERSISTED), (0.9, Reason.SUM), (0.5, Reason.SUM)]
    ]
    [track] = document_of([*frames, Coverage(), *frames[:1]]).tracks
    assert (track.first, track.last, track.score) == (0, 4, 0.9)
    assert [(span.reason, span.first, span.last) for span in track.spans] == [
        (Reason.PERSISTED, 0, 0),
        (Reason.SUM, 1, 2),
        (Reason.PERSISTED, 4, 4),
    ]


@pytest.mark.parametrize("edge", [math.nan, math.inf, 2 * FARTHEST, -2 * FARTHEST])
def test_a_box_that_cannot_be_written_down_veils_its_frame(edge: float) -> None:
    far = CoverBox((min(edge, 0.0), 0.0, edge, 10.0), "track 2")
    document = document_of([Coverage((FACE,)), Coverage((FACE, far))])
    read = GivenCoverage(document)
    assert read.at(times(2)[1]) == Coverage((FACE,), TOO_FAR)


def test_zones_and_margins_are_those_in_force() -> None:
    zone = ((0.1, 0.1), (0.5, 0.1), (0.1, 0.5))
    document = document_of([Coverage()], AnonymizerSettings(zones=(zone,), margin_top=0.5))
    assert (document.zones, document.margins.top) == ((zone,), 0.5)


def test_a_reason_that_holds_what_no_terminal_should_see_is_made_harmless() -> None:
    reason = "a\x1b[2J\nb" + "x" * 1000
    [veiled] = document_of([Coverage(veil=reason)]).veiled
    assert veiled.reason.isprintable()
