"""What is read of QuickTime and Matroska files beside libav."""

import random
from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.sources.libav.matroska import is_matroska_whole, matroska_margins
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.libav.quicktime import quicktime_margins, refers_to_other_files
from tests.support.clips import make_clip
from tests.support.reading import as_media

EXTREMES = (0x00, 0x01, 0x80, 0xFF)


@pytest.mark.parametrize(
    ("ending", "read"),
    [
        ("mp4", quicktime_margins),
        ("mp4", refers_to_other_files),
        ("mkv", matroska_margins),
        ("mkv", is_matroska_whole),
    ],
)
def test_no_damage_makes_a_reader_fail(
    tmp_path: Path, ending: str, read: Callable[[OpenFile], object]
) -> None:
    clip = make_clip(tmp_path / f"clip.{ending}", size=(64, 64), times=range(3))
    data = clip.read_bytes()
    chance = random.Random(0)
    for _ in range(1500):
        broken = bytearray(data)
        for _ in range(chance.choice((1, 2, 8))):
            broken[chance.randrange(len(broken))] = chance.choice(EXTREMES)
        clip.write_bytes(broken)
        read(as_media(clip))


def test_boxes_within_boxes_without_end_refer_to_nothing(tmp_path: Path) -> None:
    nested = b"\x7f\xff\xff\xfftrak" * 5000
    path = tmp_path / "nested.mov"
    path.write_bytes(b"\x7f\xff\xff\xffmoov" + nested)
    assert not refers_to_other_files(as_media(path))
