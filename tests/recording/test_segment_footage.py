"""What a segment gives to the outlet."""

import io

import av
import pytest

from anoncam.clock import NANOSECONDS
from anoncam.feed.protocol import Kind
from anoncam.recording.footage import Footage
from anoncam.recording.segment import Segment
from anoncam.segments.mp4_boxes import seal
from tests.support.frames import moving, small_format

pytestmark = pytest.mark.integration


class Kept:
    """An outlet that keeps everything of the kinds it wants."""

    def __init__(self, *kinds: Kind) -> None:
        self._kinds = kinds
        self.footage: list[Footage] = []

    def wants(self, kind: Kind) -> bool:
        return kind in self._kinds

    def publish(self, footage: Footage) -> None:
        self.footage.append(footage)


def filmed(outlet: Kept, frames: int = 25, rotation: int = 0) -> bytes:
    """What the segment has returned, after so many frames at ten a second."""
    frame_format = small_format(rotation=rotation)
    segment = Segment(
        "libx264", frame_format, 4000, start=0, interval=NANOSECONDS // 10, outlet=outlet
    )
    stamps = [index * NANOSECONDS // 10 for index in range(frames)]
    return b"".join(segment.write(moving(frame_format, at)) for at in stamps) + segment.finish()


def test_init_segment_and_fragments_together_are_the_file() -> None:
    outlet = Kept(Kind.FRAGMENT)
    file = filmed(outlet)
    init = outlet.footage[0].setup
    assert init is not None
    assert all(footage.setup is init for footage in outlet.footage)
    first, *others = (footage.data for footage in outlet.footage)
    assert b"".join(data + seal(data) for data in (init.data + first, *others)) == file
    assert [footage.facts["frames"] for footage in outlet.footage] == [10, 10, 5]
    assert init.facts == {
        "width": 64,
        "height": 48,
        "rotation": 0,
        "frame_rate": 10.0,
        "codecs": "avc1.42C01E",
    }


def test_each_fragment_plays_by_itself_after_the_init_segment() -> None:
    outlet = Kept(Kind.FRAGMENT)
    filmed(outlet)
    for footage in outlet.footage:
        assert footage.setup is not None
        with av.open(io.BytesIO(footage.setup.data + footage.data), "r") as container:
            assert len(list(container.decode(video=0))) == footage.facts["frames"]


def test_packets_decode_from_each_key_frame_on_with_the_parameters_of_their_track() -> None:
    outlet = Kept(Kind.PACKET)
    filmed(outlet)
    keys = [index for index, footage in enumerate(outlet.footage) if footage.key]
    assert (keys, len(outlet.footage)) == ([0, 10, 20], 25)
    assert [footage.facts["pts"] for footage in outlet.footage] == [9000 * n for n in range(25)]
    track = outlet.footage[0].setup
    assert track is not None
    for first in keys:
        decoder = av.CodecContext.create("h264", "r")
        stream = track.data + b"".join(each.data for each in outlet.footage[first:])
        packets = [*decoder.parse(stream), *decoder.parse(None)]
        decoded = [frame for packet in [*packets, None] for frame in decoder.decode(packet)]
        assert len(decoded) == 25 - first


def test_a_reader_that_comes_later_gets_the_init_segment_too() -> None:
    outlet = Kept()
    segment = Segment("libx264", small_format(), 4000, start=0, interval=10**8, outlet=outlet)
    for index in range(12):
        segment.write(moving(small_format(), index * NANOSECONDS // 10))
    assert outlet.footage == []
    outlet._kinds = (Kind.FRAGMENT,)
    segment.finish()
    (footage,) = outlet.footage
    assert footage.setup is not None
    assert b"moov" in footage.setup.data
