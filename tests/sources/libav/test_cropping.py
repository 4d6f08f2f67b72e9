"""The part of a picture that its container shows is what a copy holds, and no more."""

from pathlib import Path

import pytest

from anoncam.clock import Stop, SystemClock
from anoncam.sources.file import FileSource
from tests.support.clips import equal, make_clip, samples
from tests.support.hidden_margins import crop_matroska, crop_mp4
from tests.support.reading import frames, open_clip

LEFT, TOP, RIGHT, BOTTOM = 16, 4, 8, 12
WIDTH, HEIGHT = 96 - LEFT - RIGHT, 64 - TOP - BOTTOM


def hidden(path: Path, pix_fmt: str = "yuv420p") -> Path:
    clip = make_clip(path, muxer_options={"write_crc32": "0"}, times=range(3), pix_fmt=pix_fmt)
    if path.suffix == ".mkv":
        return crop_matroska(clip, LEFT, TOP, RIGHT, BOTTOM)
    return crop_mp4(clip, WIDTH, HEIGHT, (LEFT - RIGHT) // 2, (TOP - BOTTOM) // 2)


@pytest.mark.parametrize("ending", ["mkv", "mp4", "mov"])
def test_what_a_container_hides_at_the_edges_is_cut_off(tmp_path: Path, ending: str) -> None:
    with open_clip(hidden(tmp_path / f"cropped.{ending}")) as source:
        assert (source.format.width, source.format.height) == (WIDTH, HEIGHT)
        for number, frame in enumerate(frames(source)):
            luma, first, second = samples(96, 64, number)
            rows, columns = slice(TOP, TOP + HEIGHT), slice(LEFT, LEFT + WIDTH)
            half_rows = slice(TOP // 2, (TOP + HEIGHT) // 2)
            half_columns = slice(LEFT // 2, (LEFT + WIDTH) // 2)
            expected = (
                luma[rows, columns],
                first[half_rows, half_columns],
                second[half_rows, half_columns],
            )
            assert equal((frame.luma, *frame.chroma), expected)
        assert number == 2


def test_times_and_rotation_are_those_of_the_file(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "turned.mp4", times=[0, 3, 4], rotation=90)
    with open_clip(crop_mp4(clip, WIDTH, HEIGHT, 0, 0)) as source:
        assert source.format.rotation == 90
        assert [frame.timestamp for frame in frames(source)] == [0, 120_000_000, 160_000_000]


def test_an_audit_sees_what_the_container_hides(tmp_path: Path) -> None:
    with FileSource(
        hidden(tmp_path / "cropped.mkv"),
        paced=False,
        loop=False,
        clock=SystemClock(),
        stop=Stop(),
        whole=True,
    ) as source:
        assert (source.format.width, source.format.height) == (96, 64)


@pytest.mark.parametrize("size", [(96, 64), (200, 64), (96, 0)])
def test_an_aperture_that_leaves_all_or_nothing_is_ignored_as_players_do(
    tmp_path: Path, size: tuple[int, int]
) -> None:
    clip = make_clip(tmp_path / "whole.mp4", times=range(2))
    with open_clip(crop_mp4(clip, *size, 0, 0)) as source:
        assert (source.format.width, source.format.height) == (96, 64)
        assert len(list(frames(source))) == 2


@pytest.mark.parametrize("ending", ["mkv", "mp4"])
def test_the_full_range_stays_full_in_what_is_cut(tmp_path: Path, ending: str) -> None:
    with open_clip(hidden(tmp_path / f"full.{ending}", pix_fmt="yuvj420p")) as source:
        assert source.format.color_range == 2
        assert len(list(frames(source))) == 3
