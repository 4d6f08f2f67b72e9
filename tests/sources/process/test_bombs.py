"""Files that ask for more than they are: refused, with little memory, whatever they claim."""

import re
import struct
import zlib
from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.config.schema import FilesSettings
from anoncam.errors import InputError
from anoncam.sources.process.media_process import FileProcess
from anoncam.sources.process.messages import Next, Opened
from tests.support.clips import make_clip

pytestmark = pytest.mark.integration

MOST = 100 << 20


def chunk(kind: bytes, data: bytes) -> bytes:
    return struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))


def png(path: Path, width: int, height: int, *chunks: bytes) -> Path:
    head = struct.pack(">IIBBBBB", width, height, 8, 2, 0, 0, 0)
    pixels = zlib.compress(bytes(1 << 20))
    parts = [chunk(b"IHDR", head), *chunks, chunk(b"IDAT", pixels), chunk(b"IEND", b"")]
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + b"".join(parts))
    return path


def huge_picture(folder: Path) -> Path:
    return png(folder / "huge.png", 65535, 65535)


def endless_text(folder: Path) -> Path:
    text = b"Comment\0\0" + zlib.compress(bytes(1 << 28), 1)
    return png(folder / "text.png", 64, 64, chunk(b"zTXt", text))


def endless_profile(folder: Path) -> Path:
    profile = b"profile\0\0" + zlib.compress(bytes(1 << 28), 1)
    return png(folder / "profile.png", 64, 64, chunk(b"iCCP", profile))


def many_streams(folder: Path) -> Path:
    clip = make_clip(folder / "streams.mp4", times=range(2))
    data = clip.read_bytes()
    begin = data.index(b"trak") - 4
    track = data[begin : begin + int.from_bytes(data[begin : begin + 4])]
    moov = data.index(b"moov") - 4
    end = moov + int.from_bytes(data[moov : moov + 4])
    tracks = track * 40_000
    size = (end - moov + len(tracks)).to_bytes(4)
    clip.write_bytes(data[:moov] + size + data[moov + 4 : end] + tracks + data[end:])
    return clip


def large_tag(folder: Path) -> Path:
    clip = make_clip(folder / "tag.mp4", times=range(2))
    data, size = clip.read_bytes(), 1 << 30
    moov = data.index(b"moov") - 4
    with clip.open("wb") as file:
        file.write(data[:moov])
        file.write((size + 16 + 8).to_bytes(4) + b"moov")
        file.write((size + 16).to_bytes(4) + b"udta")
        file.write((size + 8).to_bytes(4) + b"\xa9nam" + struct.pack(">HH", 0xFFFF, 0))
        file.truncate(moov + size + 16 + 8)
    return clip


def endless_zeros(folder: Path) -> Path:
    path = folder / "zeros.ts"
    with path.open("wb") as file:
        file.truncate(1 << 40)
    return path


def endless_photograph(folder: Path) -> Path:
    path = folder / "photograph.jpg"
    with path.open("wb") as file:
        file.write(b"\xff\xd8\xff\xe0\0\x10JFIF\0")
        file.truncate(1 << 40)
    return path


def endless_pages(folder: Path) -> Path:
    path = folder / "pages.tiff"
    with path.open("wb") as file:
        file.write(b"II*\0" + struct.pack("<I", 8))
        file.truncate(1 << 40)
    return path


def empty_frames(folder: Path) -> Path:
    clip = make_clip(folder / "empty.mp4", "mpeg4", times=range(500))
    data = bytearray(clip.read_bytes())
    sizes = data.index(b"stsz") + 16
    data[sizes : sizes + 500 * 4] = bytes(500 * 4)
    clip.write_bytes(data)
    return clip


def endless_translated_text(folder: Path) -> Path:
    text = b"Comment\0\1\0en\0Kommentar\0" + zlib.compress(bytes(1 << 26), 1)
    return png(folder / "text.png", 64, 64, *[chunk(b"iTXt", text)] * 4)


BOMBS: list[tuple[Callable[[Path], Path], str]] = [
    (huge_picture, "has no picture that can be decoded"),
    (many_streams, "more than 256 streams"),
    (large_tag, "holds no video"),
    (endless_zeros, "is not a video or picture"),
    (endless_photograph, "not enough memory"),
    (endless_pages, "not enough memory"),
    (endless_text, "more than 16 MB of text"),
    (endless_profile, "more than 16 MB of text"),
    (endless_translated_text, "more than 16 MB of text"),
    (empty_frames, "has no picture that can be decoded"),
]


@pytest.mark.parametrize(("bomb", "why"), BOMBS, ids=[bomb.__name__ for bomb, _ in BOMBS])
def test_a_bomb_is_refused_with_little_memory(
    tmp_path: Path, bomb: Callable[[Path], Path], why: str
) -> None:
    path = bomb(tmp_path)
    limits = FilesSettings()
    with FileProcess(path, limits) as process:
        before = memory(process, "VmRSS")
        with pytest.raises(InputError, match=why) as refused:
            process.ask(
                Opened,
                "open",
                loop=False,
                rotation=0,
                stream=None,
                rate=None,
                whole=False,
                part=None,
                limits=limits.model_dump(mode="json"),
            )
            while process.ask(Next, "next", dropped=[]).ticket is not None:
                pass
        assert str(path) in str(refused.value)
        assert memory(process, "VmHWM") - before < MOST


def memory(process: FileProcess, what: str) -> int:
    """Bytes that the process has used, by a line of its status in proc(5)."""
    death = process._process._end.peek()
    assert death is not None
    handle = death[2][1]
    facts = Path(f"/proc/self/fdinfo/{handle}").read_text()
    found = re.search(r"^Pid:\s+(\d+)", facts, re.MULTILINE)
    assert found is not None
    status = Path(f"/proc/{found[1]}/status").read_text()
    line = re.search(rf"^{what}:\s+(\d+) kB", status, re.MULTILINE)
    assert line is not None
    return int(line[1]) * 1024
