from datetime import UTC, datetime
from pathlib import Path

import pytest

from anoncam.segments.segment_name import SegmentName, parse, scan

START = datetime(2026, 7, 14, 9, 15, 30, tzinfo=UTC)


def test_a_name_reads_back_as_the_segment_it_names() -> None:
    for segment in (
        SegmentName(42, START),
        SegmentName(42, START, finished=False),
        SegmentName(10**10, START),
    ):
        assert parse(str(segment)) == segment


def test_an_unfinished_segment_is_called_part() -> None:
    assert str(SegmentName(42, START, finished=False)) == "000000042_20260714T091530Z.mp4.part"


@pytest.mark.parametrize(
    "name",
    [
        "holiday.mp4",
        "000000042_20260714T091530Z.mp4.bak",
        "copy of 000000042_20260714T091530Z.mp4",
        "42_20260714T091530Z.mp4",
        "0000000042_20260714T091530Z.mp4",
        "000000042_20261399T091530Z.mp4",
        "000000042_20260714T091530Z.mkv",
        "٠٠٠٠٠٠٠٤٢_20260714T091530Z.mp4",
        "",
    ],
)
def test_a_name_that_anoncam_does_not_write_is_no_segment(name: str) -> None:
    assert parse(name) is None


def test_segments_are_ordered_by_number_even_if_the_clock_jumped(tmp_path: Path) -> None:
    early = SegmentName(2, datetime(1970, 1, 1, tzinfo=UTC))
    for segment in (SegmentName(3, START), early, SegmentName(1, START)):
        (tmp_path / str(segment)).touch()
    assert [segment.number for segment in scan(tmp_path)] == [1, 2, 3]


def test_a_link_or_a_folder_named_like_a_segment_is_no_segment(tmp_path: Path) -> None:
    (tmp_path / str(SegmentName(1, START))).mkdir()
    (tmp_path / "other").touch()
    (tmp_path / str(SegmentName(2, START))).symlink_to(tmp_path / "other")
    assert scan(tmp_path) == []
