"""Pictures of which libav would read only a part are refused, whatever their names are."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from anoncam.errors import InputError
from anoncam.sources.libav.picture_kinds import is_still, refuse_partial
from tests.support.reading import as_media, frames, open_clip

pytestmark = pytest.mark.integration

COLOURS = [(200, 10, 10), (10, 200, 10), (10, 10, 200)]
PAGES = [Image.new("RGB", (64, 48), colour) for colour in COLOURS]
TRANSPARENT = Image.fromarray(np.random.default_rng(0).integers(0, 255, (64, 64, 4), np.uint8))


@pytest.mark.parametrize("name", ["out.webp", "named.jpg", "named.mp4"])
def test_an_animated_webp_is_refused_with_a_remedy(tmp_path: Path, name: str) -> None:
    path = tmp_path / name
    PAGES[0].save(path, format="WEBP", save_all=True, append_images=PAGES[1:])
    with pytest.raises(InputError, match=r"animated WebP.*convert"):
        open_clip(path)


@pytest.mark.parametrize("count", [2, 3])
@pytest.mark.parametrize("big", [False, True])
def test_a_tiff_of_several_pages_is_refused_with_their_number(
    tmp_path: Path, count: int, big: bool
) -> None:
    path = tmp_path / "pages.jpg"
    PAGES[0].save(path, format="TIFF", save_all=True, append_images=PAGES[1:count], big_tiff=big)
    with pytest.raises(InputError, match=rf"has {count} pages.*save each"):
        open_clip(path)


@pytest.mark.parametrize("kind", ["WEBP", "TIFF", "PNG", "AVIF"])
def test_a_single_picture_is_read_as_one(tmp_path: Path, kind: str) -> None:
    path = tmp_path / "named.mp4"
    PAGES[0].save(path, format=kind)
    with open_clip(path) as source:
        assert source.is_picture
        assert len(list(frames(source))) == 1
    assert is_still(as_media(path)) == (kind == "AVIF")


def test_a_transparent_avif_is_refused_since_libav_knows_no_transparency_there(
    tmp_path: Path,
) -> None:
    TRANSPARENT.save(tmp_path / "clear.avif")
    with pytest.raises(InputError, match="has transparency"):
        refuse_partial(as_media(tmp_path / "clear.avif"))


def test_an_animated_avif_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "named.jpg"
    PAGES[0].save(path, format="AVIF", save_all=True, append_images=PAGES[1:])
    with pytest.raises(InputError, match="animated"):
        open_clip(path)


@pytest.mark.parametrize("mark", [b"grid", b"iovl", b"iden", b"clap", b"hevc:2015:auxid:1"])
def test_a_heic_that_is_not_one_whole_picture_is_refused(tmp_path: Path, mark: bytes) -> None:
    path = tmp_path / "made.heic"
    meta = b"\0\0\0\x30meta" + mark.ljust(40, b"\0")
    path.write_bytes(b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + meta)
    with pytest.raises(InputError, match=r"HEIC or AVIF that .* not supported"):
        refuse_partial(as_media(path))


def test_a_file_that_is_none_of_these_is_let_through(tmp_path: Path) -> None:
    path = tmp_path / "other"
    for content in (b"", b"RIFF", b"II*\0", b"\0\0\0\x18ftypisom\0\0\0\0mp42isom" + b"grid"):
        path.write_bytes(content)
        if content == b"II*\0":
            with pytest.raises(InputError, match="has 0 pages"):
                refuse_partial(as_media(path))
        else:
            refuse_partial(as_media(path))


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("09b-grid.avif", "tiles"),
        ("10-animated.webp", "animated WebP"),
        ("21-two-page.tif", "2 pages"),
    ],
)
def test_the_files_handed_over_are_refused(shared: Path, name: str, text: str) -> None:
    with pytest.raises(InputError, match=text):
        open_clip(shared / "data/cases/media" / name)
