"""Which files are opened, and which stream of them is the footage."""

import resource
import socket
import struct
import zlib
from pathlib import Path

import av
import numpy as np
import pytest

from anoncam.config.schema import FilesSettings
from anoncam.errors import InputError
from tests.support.clips import make_clip, make_sound
from tests.support.reading import numbers, open_clip

pytestmark = pytest.mark.integration


def test_a_cover_picture_is_not_the_video(tmp_path: Path) -> None:
    sound = make_sound(tmp_path / "song.m4a", with_video=False)
    cover = make_clip(
        tmp_path / "cover.png", "png", pix_fmt="rgb24", times=[0], muxer_options={"update": "1"}
    )
    song = tmp_path / "song.mkv"
    with (
        av.open(str(song), "w") as container,
        av.open(str(sound)) as source,
        av.open(str(cover)) as picture,
    ):
        container.add_attachment("cover.png", "image/png", cover.read_bytes())
        stream = container.add_stream_from_template(source.streams.audio[0])
        for packet in source.demux(source.streams.audio[0]):
            if packet.size:
                packet.stream = stream
                container.mux(packet)
        assert picture.streams.video
    with av.open(str(song)) as container:
        assert container.streams.video, "the test needs a cover that libav takes for video"
    with pytest.raises(InputError, match="holds no video"):
        open_clip(song)


def test_a_file_with_sound_alone_holds_no_video(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"sound\.m4a holds no video"):
        open_clip(make_sound(tmp_path / "sound.m4a", with_video=False))


def test_a_file_that_is_no_video_is_named_with_the_reason(tmp_path: Path) -> None:
    (tmp_path / "empty.mp4").touch()
    (tmp_path / "text.mp4").write_text("not a video\n" * 200)
    (tmp_path / "noise.mp4").write_bytes(np.random.default_rng(3).bytes(4000))
    for name, reason in {
        "missing.mp4": "does not exist",
        "empty.mp4": "is empty",
        "text.mp4": "is not a video or picture",
        "noise.mp4": "is not a video or picture",
        ".": "is a folder",
        "x" * 300: "File name too long",
    }.items():
        with pytest.raises(InputError) as caught:
            open_clip(tmp_path / name)
        assert reason in str(caught.value)
        assert "\n" not in str(caught.value)


def test_a_recording_that_has_only_begun_is_named_with_the_reason(tmp_path: Path) -> None:
    path = tmp_path / "begun.mkv"
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=25)
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        container.start_encoding()
    with pytest.raises(InputError, match=r"begun\.mkv is not a video .* lacks its end"):
        open_clip(path)


def test_a_device_is_not_a_file() -> None:
    with pytest.raises(InputError, match="is not a file"):
        open_clip(Path("/dev/zero"))


def test_a_percent_sign_in_a_picture_name_reads_no_other_files(tmp_path: Path) -> None:
    still = make_clip(
        tmp_path / "x.png", "png", pix_fmt="gray", times=[0], muxer_options={"update": "1"}
    )
    for name in ("shot001.png", "shot002.png", "shot%03d.png"):
        (tmp_path / name).write_bytes(still.read_bytes())
    with open_clip(tmp_path / "shot%03d.png") as source:
        assert len(numbers(source)) == 1
    (tmp_path / "shot%03d.png").unlink()
    with pytest.raises(InputError, match="does not exist"):
        open_clip(tmp_path / "shot%03d.png")


def test_a_playlist_opens_no_network_connection(tmp_path: Path) -> None:
    path = tmp_path / "list.m3u8"
    with socket.create_server(("127.0.0.1", 0)) as server:
        server.setblocking(False)
        address = f"http://127.0.0.1:{server.getsockname()[1]}/x.ts"
        path.write_text(
            f"#EXTM3U\n#EXT-X-TARGETDURATION:1\n#EXTINF:1,\n{address}\n#EXT-X-ENDLIST\n"
        )
        with pytest.raises(InputError):
            open_clip(path)
        with pytest.raises(BlockingIOError):
            server.accept()


def one_bit_png(path: Path, side: int) -> Path:
    """A black square, a few kilobytes long whatever its size."""

    def chunk(kind: bytes, data: bytes) -> bytes:
        return (
            struct.pack(">I", len(data)) + kind + data + struct.pack(">I", zlib.crc32(kind + data))
        )

    packer = zlib.compressobj()
    row = bytes(1 + -(-side // 8))
    pixels = b"".join(packer.compress(row) for _ in range(side)) + packer.flush()
    header = struct.pack(">IIBBBBB", side, side, 1, 0, 0, 0, 0)
    parts = chunk(b"IHDR", header) + chunk(b"IDAT", pixels) + chunk(b"IEND", b"")
    path.write_bytes(b"\x89PNG\r\n\x1a\n" + parts)
    return path


def test_a_picture_with_too_many_pixels_is_refused_before_memory_is_taken(tmp_path: Path) -> None:
    path = one_bit_png(tmp_path / "large.png", 10_000)
    tracker = resource.getrusage(resource.RUSAGE_SELF)
    with pytest.raises(InputError, match=r"or raise files\.max_pixels"):
        open_clip(path)
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - tracker.ru_maxrss
    assert grown < 20_000, "kilobytes"


def test_the_largest_picture_is_read(tmp_path: Path) -> None:
    with open_clip(one_bit_png(tmp_path / "large.png", 8192)) as source:
        assert (source.format.width, source.format.height) == (8192, 8192)


@pytest.mark.parametrize(
    ("codec", "ending", "pix_fmt"),
    [
        ("libx264", "mp4", "yuv420p"),
        ("libx264", "h264", "yuv420p"),
        ("ffv1", "mkv", "yuv420p"),
        ("libvpx-vp9", "webm", "yuv420p"),
        ("mjpeg", "avi", "yuvj420p"),
        ("gif", "gif", "rgb8"),
        ("mpeg4", "mp4", "yuv420p"),
    ],
)
def test_a_video_with_too_many_pixels_is_refused_in_every_format(
    tmp_path: Path, codec: str, ending: str, pix_fmt: str
) -> None:
    clip = make_clip(
        tmp_path / f"clip.{ending}", codec, size=(320, 240), pix_fmt=pix_fmt, times=range(3)
    )
    # Some decoders keep a margin around each picture.
    with open_clip(clip, limits=FilesSettings(max_pixels=400 * 320)) as source:
        assert len(numbers(source)) == 3
    with pytest.raises(InputError, match=r"files.max_pixels"):
        open_clip(clip, limits=FilesSettings(max_pixels=320 * 240 - 1))


def test_a_video_whose_later_pictures_are_too_large_is_refused(tmp_path: Path) -> None:
    parts = [
        make_clip(tmp_path / f"{width}.h264", size=(width, 64), times=range(4)).read_bytes()
        for width in (96, 320)
    ]
    path = tmp_path / "both.h264"
    path.write_bytes(b"".join(parts))
    with (
        pytest.raises(InputError),
        open_clip(path, limits=FilesSettings(max_pixels=96 * 64)) as source,
    ):
        numbers(source)


def many_streams(path: Path, count: int) -> Path:
    with av.open(str(path), "w") as container:
        streams = [container.add_stream("mpeg4", rate=25) for _ in range(count)]
        for stream in streams:
            stream.width, stream.height, stream.pix_fmt = 32, 32, "yuv420p"
        for stream in streams:
            container.mux(stream.encode(av.VideoFrame(32, 32, "yuv420p")))
            container.mux(stream.encode(None))
    return path


@pytest.mark.parametrize("ending", ["mkv", "mp4", "ts"])
def test_a_file_with_too_many_streams_is_refused(tmp_path: Path, ending: str) -> None:
    with pytest.raises(InputError, match=r"more than 256 streams"):
        open_clip(many_streams(tmp_path / f"many.{ending}", 257))
    with open_clip(many_streams(tmp_path / f"allowed.{ending}", 256)) as source:
        assert len(numbers(source)) == 1
    raised = FilesSettings(max_streams=257)
    with open_clip(tmp_path / f"many.{ending}", limits=raised) as source:
        assert len(numbers(source)) == 1
