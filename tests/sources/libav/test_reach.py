"""What a media file may reach: nothing but itself, whatever its name and its content are."""

import contextlib
import shutil
import time
from collections.abc import Iterator
from pathlib import Path

import av
import pytest

from anoncam.errors import InputError
from anoncam.sources.audio_track import AudioTrack
from anoncam.sources.libav.allowed_formats import PICTURE_FORMATS, VIDEO_FORMATS
from tests.support.clips import make_clip
from tests.support.reading import numbers, open_clip
from tests.support.referring import REFERRING
from tests.support.tripwire import Tripwire

pytestmark = pytest.mark.integration

ENDINGS = ["mp4", "m3u8", "jpg", "vdr", "sdp", ""]

FOLLOWED_BY_LIBAV = [
    "playlist",
    "playlist_with_key",
    "master_playlist",
    "list_of_files",
    "list_of_addresses",
    "quicktime",
]
"""What libav follows if it may. It follows none of the others yet, and must not begin to."""


@pytest.fixture(scope="module")
def clip(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make_clip(tmp_path_factory.mktemp("clip") / "clip.ts", times=range(3))


@pytest.fixture
def tripwire(tmp_path: Path, clip: Path) -> Iterator[Tripwire]:
    with Tripwire(Path(shutil.copy(clip, tmp_path / "bait.ts"))) as tripwire:
        yield tripwire


def write(folder: Path, kind: str, ending: str, tripwire: Tripwire) -> Path:
    path = folder / f"file.{ending}".rstrip(".")
    path.write_bytes(REFERRING[kind](tripwire.bait, tripwire.port))
    return path


@pytest.mark.parametrize("ending", ENDINGS)
@pytest.mark.parametrize("kind", REFERRING)
def test_a_file_that_refers_to_others_is_refused_fast_and_reads_nothing(
    tmp_path: Path, tripwire: Tripwire, kind: str, ending: str
) -> None:
    path = write(tmp_path, kind, ending, tripwire)
    tripwire.touched()
    begin = time.monotonic()

    with pytest.raises(InputError) as refused:
        open_clip(path)

    assert time.monotonic() - begin < 2
    assert tripwire.touched() == []
    assert str(path) in str(refused.value)
    assert refused.value.exit_code == 3
    with contextlib.suppress(InputError), AudioTrack(path) as audio:
        assert list(audio.until(None)) == []
    assert tripwire.touched() == []


@pytest.mark.parametrize("kind", FOLLOWED_BY_LIBAV)
def test_libav_would_follow_these_files(tmp_path: Path, tripwire: Tripwire, kind: str) -> None:
    """Shows that the tests above would fail without the protection."""
    path = write(tmp_path, kind, "m3u8" if "playlist" in kind else "mp4", tripwire)
    tripwire.touched()
    options = {
        "protocol_whitelist": "file,http,tcp,crypto,data",
        "safe": "0",
        "extension_picky": "0",
        "allowed_extensions": "ALL",
        "enable_drefs": "1",
    }
    with (
        contextlib.suppress(av.FFmpegError, IndexError),
        av.open(str(path), container_options=options, timeout=0.5) as container,
    ):
        list(container.decode(video=0))

    assert tripwire.touched()


@pytest.mark.parametrize(
    ("kind", "text"),
    [
        ("playlist", "is a playlist: other files are not opened (name the videos or pictures)"),
        ("list_of_files", "is a list of other files"),
        ("dash", "is a playlist"),
        ("session_description", "is a description of streams on a network"),
        ("shortcut", "is a playlist"),
        ("address", "is an address on a network"),
        ("subtitle_index", "is a list of subtitles"),
        ("quicktime", "has its pictures in another file, which is not opened"),
    ],
)
def test_the_refusal_names_the_cause(
    tmp_path: Path, tripwire: Tripwire, kind: str, text: str
) -> None:
    path = write(tmp_path, kind, "mp4", tripwire)
    with pytest.raises(InputError) as refused:
        open_clip(path)
    assert f"{path} {text}" in str(refused.value)


def test_a_list_of_files_with_the_name_of_a_video_is_refused(shared: Path) -> None:
    path = shared / "data/cases/media/17-ffconcat-named.mp4"
    if not path.exists():
        pytest.skip("this case is not at hand")
    with pytest.raises(InputError, match="is a list of other files"):
        open_clip(path)


NAMES = [
    "http:|127.0.0.1:{port}|x.ts",
    "tcp:{port}",
    "udp:{port}",
    "rtsp:{port}",
    "file:bait.ts",
    "concat:bait.ts|bait.ts",
    "concatf:bait.ts",
    "subfile,,start,0,end,0,,:bait.ts",
    "crypto:bait.ts",
    "crypto+file:bait.ts",
    "async:bait.ts",
    "cache:bait.ts",
    "data:video|mp4;base64,AAAA",
    "tee:bait.ts",
    "fd:",
    "pipe:0",
    "-",
    "bait%01d.ts",
    "bai%%.ts",
    "bai*.ts",
    "bai?.ts",
    "{{bait,other}}.ts",
    "lavfi",
    "x.y",
    "video0",
    ":0.0",
]


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_the_name_of_a_file_and_nothing_else(
    tmp_path: Path, tripwire: Tripwire, clip: Path, name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    path = Path(name.format(port=tripwire.port))
    tripwire.touched()
    for named in (path, tmp_path / path):
        with pytest.raises(InputError, match="does not exist"):
            open_clip(named)
    shutil.copy(clip, path)
    for named in (path, tmp_path / path):
        with open_clip(named) as source:
            assert numbers(source) == [0, 1, 2]
    assert tripwire.touched() == []


@pytest.mark.parametrize(
    "address",
    ["http://127.0.0.1:{port}/x.ts", "rtsp://127.0.0.1:{port}/x", "tcp://127.0.0.1:{port}"],
)
def test_an_address_is_the_path_of_a_file_that_does_not_exist(
    tripwire: Tripwire, address: str
) -> None:
    tripwire.touched()
    with pytest.raises(InputError, match="does not exist"):
        open_clip(Path(address.format(port=tripwire.port)))
    assert tripwire.touched() == []


TEXTS = {
    "vplayer": "00:00:01:a line\n00:00:02:another\n" * 20,
    "aqtitle": "-->> 000024\na line\n-->> 000048\nanother\n" * 20,
    "srt": "1\n00:00:01,000 --> 00:00:02,000\na line\n\n" * 20,
    "webvtt": "WEBVTT\n\n00:01.000 --> 00:02.000\na line\n",
    "ass": "[Script Info]\nScriptType: v4.00+\n[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,,,,a\n",
    "sami": "<SAMI><BODY><SYNC Start=1000><P>a line</BODY></SAMI>\n",
    "microdvd": "{1}{24}a line\n{25}{48}another\n" * 20,
    "mpl2": "[1][24]a line\n[25][48]another\n" * 20,
    "subviewer": "[INFORMATION]\n[END INFORMATION]\n00:00:01.00,00:00:02.00\na line\n\n" * 9,
    "jacosub": "0:00:01.00 0:00:02.00 D a line\n" * 20,
    "lyrics": "[00:01.00]a line\n[00:02.00]another\n" * 20,
    "metadata": ";FFMETADATA1\ntitle=x\n",
    "captions": "Scenarist_SCC V1.0\n\n00:00:01:00\t9420 9420\n" * 9,
    "passwords": "root:x:0:0:root:/root:/bin/bash\n" * 20,
    "svg": '<svg xmlns="http://www.w3.org/2000/svg"><image href="file:///etc/passwd"/></svg>\n',
}


@pytest.mark.parametrize("ending", ["mp4", "txt", "srt", "ans", "sub"])
@pytest.mark.parametrize("kind", TEXTS)
def test_a_text_is_no_media(tmp_path: Path, kind: str, ending: str) -> None:
    path = tmp_path / f"text.{ending}"
    path.write_text(TEXTS[kind])
    with pytest.raises(InputError):
        open_clip(path)


def test_no_allowed_format_is_a_device_or_reads_files_of_its_own() -> None:
    for name in (*VIDEO_FORMATS, *PICTURE_FORMATS):
        if name in av.formats_available:
            allowed = av.ContainerFormat(name, "r")
            assert not allowed.no_file, name
            assert "device" not in allowed.long_name.lower()


def test_the_parts_of_a_picture_with_its_planes_in_three_files_are_not_read(
    tmp_path: Path,
) -> None:
    for ending in "yuv":
        (tmp_path / f"x.{ending.upper()}").write_bytes(bytes(96 * 64))
    (tmp_path / "x.y").write_bytes(bytes(96 * 64))
    with Tripwire(tmp_path / "x.U") as tripwire:
        for name in ("x.y", "x.Y"):
            with pytest.raises(InputError):
                open_clip(tmp_path / name)
        assert tripwire.touched() == []
