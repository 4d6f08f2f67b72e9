from fractions import Fraction
from pathlib import Path

import av
import pytest

from anoncam.sources.libav.left_out import default_track, describe_left_out
from tests.support.clips import make_sound

pytestmark = pytest.mark.integration


def test_all_that_a_copy_leaves_out_is_named(tmp_path: Path) -> None:
    clip, tagged = make_sound(tmp_path / "clip.mkv", with_video=True), tmp_path / "tagged.mkv"
    with av.open(str(clip)) as source, av.open(str(tagged), "w") as target:
        target.metadata["title"] = "at home"
        target.add_attachment("a.txt", "text/plain", b"hello")
        target.set_chapters(
            [{"id": 1, "start": 0, "end": 9, "time_base": Fraction(1, 10), "metadata": {}}]
        )
        streams = {
            stream.index: target.add_stream_from_template(stream) for stream in source.streams
        }
        for packet in source.demux():
            if packet.dts is not None:
                packet.stream = streams[packet.stream.index]
                target.mux(packet)
    with av.open(str(tagged)) as container:
        footage, sound = container.streams.video[0], container.streams.audio[0]
        told = describe_left_out(container, [footage, sound])
        assert set(told.split(", ")) == {"1 attachment", "1 chapter", "1 text (title)"}
        assert "1 audio track" in describe_left_out(container, [footage, None])


def test_nothing_is_told_where_nothing_is_left_out(tmp_path: Path) -> None:
    with av.open(str(make_sound(tmp_path / "clip.mp4", with_video=True))) as container:
        sound = default_track(container.streams.audio)
        assert describe_left_out(container, [container.streams.video[0], sound]) == ""


def test_without_tracks_there_is_no_default() -> None:
    assert default_track(()) is None
