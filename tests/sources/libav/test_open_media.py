"""Which files are opened, and which stream of them is the footage."""

import socket
from pathlib import Path

import av
import numpy as np
import pytest

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
