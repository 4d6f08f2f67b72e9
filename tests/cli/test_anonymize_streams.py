"""`anoncam anonymize` on real files: which streams and data the copies leave out."""

from fractions import Fraction
from pathlib import Path

import av
import pytest
from PIL import Image
from skimage.data import astronaut

from tests.support.clips import make_sound
from tests.support.pictures import portrait
from tests.support.running import anoncam

pytestmark = pytest.mark.integration


def test_sound_is_left_out_unless_asked_for_and_is_then_kept_bit_for_bit(tmp_path: Path) -> None:
    clip = make_sound(tmp_path / "clip.mkv", with_video=True)
    assert anoncam("anonymize", clip, "-o", tmp_path / "mute.mkv").returncode == 0
    assert anoncam("anonymize", clip, "-o", tmp_path / "loud.mkv", "--keep-audio").returncode == 0
    with av.open(str(tmp_path / "mute.mkv")) as mute:
        assert [stream.type for stream in mute.streams] == ["video"]
    assert _sound(tmp_path / "loud.mkv") == _sound(clip) != []


def test_metadata_is_left_out(footage: Path, tmp_path: Path) -> None:
    tagged = tmp_path / "tagged.mkv"
    with av.open(str(footage)) as source, av.open(str(tagged), "w") as target:
        target.metadata.update({"title": "Eileen at home", "location": "+52.5200+013.4050/"})
        stream = target.add_stream_from_template(source.streams.video[0])
        target.add_attachment(
            "cover.jpg", "image/jpeg", portrait(tmp_path / "cover.jpg").read_bytes()
        )
        for packet in source.demux(video=0):
            if packet.dts is not None and packet.dts < 10_000:
                packet.stream = stream
                target.mux(packet)
    for name in ("out.mkv", "out.mp4"):
        assert anoncam("anonymize", tagged, "-o", tmp_path / name).returncode == 0
        with av.open(str(tmp_path / name)) as result:
            assert [stream.type for stream in result.streams] == ["video"]
            assert "Eileen" not in str(result.metadata)
        content = (tmp_path / name).read_bytes()
        assert b"Eileen" not in content
        assert b"+52.52" not in content


def test_chapters_and_sound_are_left_out(tmp_path: Path) -> None:
    clip = make_sound(tmp_path / "clip.mkv", with_video=True)
    tagged = tmp_path / "tagged.mkv"
    with av.open(str(clip)) as source, av.open(str(tagged), "w") as target:
        streams = {
            stream.index: target.add_stream_from_template(stream) for stream in source.streams
        }
        title = {"title": "Eileen arrives"}
        target.set_chapters(
            [{"id": 1, "start": 0, "end": 500, "time_base": Fraction(1, 1000), "metadata": title}]
        )
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    assert b"Eileen" in tagged.read_bytes()
    for name in ("out.mkv", "out.mp4"):
        assert anoncam("anonymize", tagged, "-o", tmp_path / name).returncode == 0
        with av.open(str(tmp_path / name)) as result:
            assert not result.chapters()
            assert [stream.type for stream in result.streams] == ["video"]
        assert b"Eileen" not in (tmp_path / name).read_bytes()


@pytest.mark.parametrize("ending", ["png", "webp", "jpg"])
def test_the_place_where_a_picture_was_taken_is_left_out(tmp_path: Path, ending: str) -> None:
    exif = Image.Exif()
    exif[0x8825] = {1: "N", 2: (52.0, 31.0, 12.0)}
    exif[0x010E] = "Eileen at home"
    source, target = tmp_path / f"in.{ending}", tmp_path / f"out.{ending}"
    Image.fromarray(astronaut()).save(source, exif=exif)
    assert b"Eileen" in source.read_bytes()
    ended = anoncam("anonymize", source, "-o", target)
    assert ended.returncode == 0, ended.stderr
    assert "1 frame, 1 face covered" in ended.stdout
    content = target.read_bytes()
    assert b"Eileen" not in content
    assert b"Exif" not in content
    assert b"eXIf" not in content


def _sound(path: Path) -> list[tuple[float, bytes]]:
    with av.open(str(path)) as container:
        stream = container.streams.audio[0]
        return [
            (round(float(packet.pts * packet.time_base), 3), bytes(packet))
            for packet in container.demux(stream)
            if packet.size and packet.pts is not None
        ]
