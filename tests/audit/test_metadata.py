"""Parts of pictures that nobody can look at are named."""

import io
import struct

import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from anoncam.audit.metadata import in_exif, in_jpeg, in_png, in_tiff, in_webp

PICTURE = Image.new("RGB", (16, 16))


def encoded(kind: str, **settings: object) -> bytes:
    stream = io.BytesIO()
    PICTURE.save(stream, kind, **settings)
    return stream.getvalue()


def segment(marker: int, body: bytes) -> bytes:
    return bytes([0xFF, marker]) + struct.pack(">H", len(body) + 2) + body


def jpeg_with(added: bytes) -> list[str]:
    plain = encoded("JPEG")
    data = plain[:2] + added + plain[2:]
    return list(in_jpeg(data, len(data), []))


def test_plain_pictures_hold_nothing_else() -> None:
    plain = encoded("JPEG", exif=Image.Exif(), icc_profile=b"x", comment=b"hello")
    assert list(in_jpeg(plain, len(plain), [])) == []
    assert list(in_png(encoded("PNG", dpi=(300, 300)))) == []
    assert list(in_webp(encoded("WEBP"))) == []
    assert list(in_tiff(encoded("TIFF"))) == []


@pytest.mark.parametrize(
    "added",
    [
        segment(0xE0, b"JFIF\0\1\2\0\0\1\0\1\1\1abc"),
        segment(0xE0, b"JFXX\0\x13" + bytes(20)),
        segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0<xmpGImg:image>/9j/4AAQ"),
        segment(0xE1, b"Exif\0\0no TIFF"),
        segment(0xE4, b"Samsung"),
        segment(0xED, b"Photoshop 3.0\0"),
    ],
)
def test_metadata_that_may_hold_a_picture_are_named(added: bytes) -> None:
    assert len(jpeg_with(added)) == 1


def test_what_follows_a_picture_is_named_unless_it_is_a_file_that_was_found() -> None:
    plain = encoded("JPEG")
    data = plain + b"0123456789"
    assert list(in_jpeg(data, len(plain), [(len(plain), len(data))])) == []
    (text,) = in_jpeg(data, len(plain), [(len(plain) + 4, len(data))])
    assert text.startswith("4 bytes")
    assert list(in_jpeg(plain + bytes(99), len(plain), [])) == []


def test_a_thumbnail_without_compression_is_named() -> None:
    first = b"II*\0" + struct.pack("<IHI", 8, 0, 14)
    second = struct.pack("<HHHIII", 1, 0x0111, 4, 1, 0, 0)
    assert list(in_exif(first + second)) == ["a thumbnail without compression in its EXIF data"]


def test_private_chunks_compressed_text_and_what_follows_a_png_are_named() -> None:
    plain = encoded("PNG")
    private = struct.pack(">I", 4) + b"prVW" + b"abcd" + bytes(4)
    assert list(in_png(plain[:33] + private + plain[33:])) == ["data of unknown kind (prVW)"]
    assert list(in_png(plain + b"abc")) == ["3 bytes after its end"]
    notes = PngInfo()
    notes.add_text("note", "long", zip=True)
    assert len(list(in_png(encoded("PNG", pnginfo=notes)))) == 1


def test_an_animation_that_hides_its_first_picture_is_named() -> None:
    plain = encoded("PNG", save_all=True, append_images=[Image.new("RGB", (16, 16), "red")])
    assert list(in_png(plain)) == []
    hidden = encoded(
        "PNG",
        save_all=True,
        default_image=True,
        append_images=[Image.new("RGB", (16, 16), "red"), Image.new("RGB", (16, 16), "blue")],
    )
    assert list(in_png(hidden)) == ["a picture that its animation does not show"]


def test_chunks_of_unknown_kind_in_a_webp_are_named() -> None:
    plain = encoded("WEBP")
    more = plain + b"ABCD" + struct.pack("<I", 2) + b"xy"
    more = more[:4] + struct.pack("<I", len(more) - 8) + more[8:]
    assert list(in_webp(more)) == ["data of unknown kind (ABCD)"]
    assert list(in_webp(plain + b"xy")) == ["2 bytes after its end"]


def test_reduced_pictures_of_a_tiff_are_named() -> None:
    tiff = b"II*\0" + struct.pack("<IHHHIII", 8, 1, 0x014A, 4, 1, 0, 0)
    assert list(in_tiff(tiff)) == ["thumbnails or further pictures of its page"]
