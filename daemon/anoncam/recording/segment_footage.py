"""What a segment gives to the outlet: its packets and its fragments, with what describes them."""

import io

from av.packet import Packet
from av.video.codeccontext import VideoCodecContext
from av.video.stream import VideoStream

from anoncam.clock import NANOSECONDS
from anoncam.evidence.segment_counters import SegmentTotals
from anoncam.feed.protocol import Kind
from anoncam.frames.frame import FrameFormat
from anoncam.recording.footage import _MAKERS_KEY, Footage, Outlet
from anoncam.segments.mp4_boxes import Box, walk

_CONFIGURATION = b"avcC"


class SegmentFootage:
    """Publishes what the encoder of one segment makes.

    Only `Segment` gives it anything, and that encodes nothing but anonymized frames.
    """

    def __init__(self, codec: VideoCodecContext, frame_format: FrameFormat, outlet: Outlet) -> None:
        self._codec = codec
        self._outlet = outlet
        self._facts = {
            "width": frame_format.width + frame_format.width % 2,
            "height": frame_format.height + frame_format.height % 2,
            "rotation": frame_format.rotation,
            "frame_rate": round(float(frame_format.frame_rate), 3),
        }
        self._track: Footage | None = None
        self._init: Footage | None = None

    def packet(self, packet: "Packet[VideoStream]") -> None:
        """Publish a packet of the encoder, in Annex B of H.264, before it is muxed."""
        if not self._outlet.wants(Kind.PACKET):
            return
        if self._track is None:
            facts = {**self._facts, "codec": "h264", "clock_rate": 90_000}
            parameters = bytes(self._codec.extradata or b"")
            self._track = Footage(Kind.TRACK, parameters, facts, _MAKERS_KEY)
        self._outlet.publish(
            Footage(
                Kind.PACKET,
                bytes(packet),
                {"pts": packet.pts, "dts": packet.dts, "key": packet.is_keyframe},
                _MAKERS_KEY,
                key=packet.is_keyframe,
                setup=self._track,
            )
        )

    def fragment(self, data: bytes, before: SegmentTotals, after: SegmentTotals) -> None:
        """Publish what the muxer has completed, which begins with the init segment once."""
        start = 0
        if self._init is None:
            # Kept whether anybody wants it or not: it comes once.
            start = next((box.start for box in _boxes(data) if box.kind == b"moof"), len(data))
            facts = {**self._facts, "codecs": _codecs(data[:start])}
            self._init = Footage(Kind.INIT, data[:start], facts, _MAKERS_KEY)
        if not self._outlet.wants(Kind.FRAGMENT) or start == len(data):
            return
        facts = {
            "seconds": round((after.nanoseconds - before.nanoseconds) / NANOSECONDS, 3),
            "frames": after.frames - before.frames,
            "veiled": after.frames_veiled - before.frames_veiled,
            "faces": after.faces - before.faces,
        }
        self._outlet.publish(
            Footage(Kind.FRAGMENT, data[start:], facts, _MAKERS_KEY, setup=self._init)
        )


def _boxes(data: bytes) -> list[Box]:
    return list(walk(io.BytesIO(data), len(data)))


def _codecs(init: bytes) -> str:
    """The codecs parameter of RFC 6381 for H.264: profile, constraints and level, from avcC."""
    place = init.find(_CONFIGURATION)
    if place < 0:
        return "avc1"
    profile = init[place + len(_CONFIGURATION) + 1 :][:3]
    return f"avc1.{profile.hex().upper()}"
