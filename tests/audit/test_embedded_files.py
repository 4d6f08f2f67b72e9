"""Whole files within a file."""

import io

import numpy as np
import pytest
from PIL import Image

from anoncam.audit.embedded_files import Embedded, find_embedded, jpeg_end

NOISE = np.random.default_rng(0).integers(0, 256, (40, 60, 3), np.uint8)


def encoded(kind: str, **settings: bool) -> bytes:
    stream = io.BytesIO()
    Image.fromarray(NOISE).save(stream, kind, **settings)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["JPEG", "PNG", "WebP", "GIF"])
def test_a_picture_within_a_file_is_found_in_its_place(kind: str) -> None:
    inner = encoded(kind)
    end = 107 + len(inner) if kind == "GIF" else 100 + len(inner)
    found = find_embedded(bytes(100) + inner + bytes(7))
    assert found == [Embedded(kind, 100, end)]


@pytest.mark.parametrize("progressive", [False, True])
def test_pictures_one_after_the_other_are_told_apart(progressive: bool) -> None:
    one = encoded("JPEG", progressive=progressive)
    assert jpeg_end(one, 0) == len(one)
    assert [each.start for each in find_embedded(one * 3)] == [len(one), 2 * len(one)]


def test_a_video_behind_a_picture_is_found() -> None:
    found = find_embedded(b"x" * 50 + b"\0\0\0\x18ftypmp42" + bytes(30))
    assert found == [Embedded("MP4 or HEIC", 50, 92)]


def test_noise_is_no_picture() -> None:
    noise = np.random.default_rng(1).integers(0, 256, 1 << 22, np.uint8).tobytes()
    assert find_embedded(noise + b"\xff\xd8\xff\xe0" + noise[:1000]) == []


def test_no_picture_ends_after_the_file_that_it_is_in() -> None:
    data = b"x" * 10 + encoded("PNG")[:-2]
    assert find_embedded(data) == [Embedded("PNG", 10, len(data))]
