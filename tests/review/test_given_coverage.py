"""A coverage file is applied exactly, and a frame that it does not speak of is veiled."""

from pathlib import Path

import pytest

from anoncam.config.schema import AnonymizerSettings
from anoncam.errors import CoverageFileError
from anoncam.frames.frame import FrameTime, tight
from anoncam.review.coverage_file import hash_file
from anoncam.review.document import Span
from anoncam.review.given_coverage import (
    NOT_SPOKEN_OF,
    GivenCoverage,
    box_in,
    check_identity,
    settings_with,
)
from anoncam.tracking.coverage import Coverage, CoverBox, Reason
from tests.support.documents import FACE, INTERVAL, PICTURE, document_of
from tests.support.frames import blank

FRAMES = [Coverage((FACE,)), Coverage(), Coverage((FACE,), "crowded")]
BESIDE = CoverBox((40.0, 8.0, 60.0, 33.0), "track 1")
AROUND = CoverBox((5.0, 5.0, 35.0, 40.0), "track 2")
WITHIN = CoverBox((12.0, 10.0, 20.0, 20.0), "track 3")


@pytest.mark.parametrize("timestamp", [-1, 1, INTERVAL - 1, 3 * INTERVAL, 10**12])
def test_a_frame_that_the_file_does_not_speak_of_is_veiled(timestamp: int) -> None:
    document = GivenCoverage(document_of(FRAMES))
    assert document.at(timestamp) == Coverage(veil=NOT_SPOKEN_OF)
    frame = blank(PICTURE)
    frame.stamp(FrameTime(timestamp, timestamp))
    assert document.instead(frame, Coverage()).veil == NOT_SPOKEN_OF
    assert document.united(frame, Coverage((FACE,))).veil == NOT_SPOKEN_OF


def test_the_frames_may_be_asked_for_in_any_order() -> None:
    document = GivenCoverage(document_of(FRAMES))
    assert [document.at(number * INTERVAL) for number in (2, 0, 1)] == [FRAMES[2], *FRAMES[:2]]


def united(given: Coverage, tracked: Coverage) -> Coverage:
    frame = blank(PICTURE)
    frame.stamp(FrameTime(0, 0))
    return GivenCoverage(document_of([given])).united(frame, tracked)


def test_what_is_detected_is_covered_too_under_a_name_of_its_own() -> None:
    both = united(Coverage((FACE,)), Coverage((BESIDE,)))
    assert both.boxes == (FACE, CoverBox(BESIDE.box, "detected 1 track 1"))


def test_detected_boxes_only_add_to_the_file() -> None:
    assert united(Coverage((FACE,)), Coverage((WITHIN,))).boxes == (FACE,)
    assert united(Coverage((FACE,)), Coverage((FACE,))).boxes == (FACE,)
    around = CoverBox(AROUND.box, "detected 1 track 2")
    assert united(Coverage((FACE,)), Coverage((AROUND,))).boxes == (around,)


def test_names_stay_apart_however_often_a_file_is_united() -> None:
    first = united(Coverage((FACE,)), Coverage((BESIDE,)))
    elsewhere = CoverBox((0.0, 40.0, 8.0, 47.0), "track 1")
    second = united(first, Coverage((elsewhere,)))
    assert len({box.key for box in second.boxes}) == len(second.boxes) == 3


@pytest.mark.parametrize(("given", "tracked"), [("crowded", ""), ("", "late"), ("both", "late")])
def test_a_veil_of_either_stays(given: str, tracked: str) -> None:
    assert united(Coverage(veil=given), Coverage(veil=tracked)).veil == given or tracked


def test_between_two_keys_a_box_moves_evenly() -> None:
    span = Span(reason=Reason.BY_HAND, keys=((2, 0, 0, 10, 10), (6, 8, 4, 18, 14)))
    assert box_in(span, 2) == (0, 0, 10, 10)
    assert box_in(span, 3) == (2, 1, 12, 11)
    assert box_in(span, 6) == (8, 4, 18, 14)


def test_coverage_of_another_file_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "clip.mp4"
    path.write_bytes(b"one")
    document = document_of(FRAMES)
    with pytest.raises(CoverageFileError, match="another file"):
        check_identity(document, path, PICTURE)
    source = document.source.model_copy(update={"sha256": hash_file(path)})
    document = document.model_copy(update={"source": source})
    check_identity(document, path, PICTURE)
    with pytest.raises(CoverageFileError, match="48x64"):
        check_identity(document, path, tight(48, 64))
    path.write_bytes(b"two")
    with pytest.raises(CoverageFileError, match="another file"):
        check_identity(document, path, PICTURE)


def test_zones_and_margins_of_both_are_covered() -> None:
    ours, theirs = (
        ((0.1, 0.1), (0.5, 0.1), (0.1, 0.5)),
        ((0.6, 0.6), (0.9, 0.6), (0.6, 0.9)),
    )
    document = document_of(FRAMES, AnonymizerSettings(zones=(theirs,), margin_side=0.5))
    united = settings_with(document, AnonymizerSettings(zones=(ours, theirs), margin_top=0.6))
    assert united.zones == (theirs, ours)
    assert (united.margin_side, united.margin_top) == (0.5, 0.6)
    same = AnonymizerSettings(zones=(theirs,), margin_side=0.5)
    assert settings_with(document, same) == same
