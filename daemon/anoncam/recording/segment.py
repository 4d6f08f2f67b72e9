"""A segment in memory: frames are encoded into the fragments of an MP4."""

from collections.abc import Iterable
from fractions import Fraction

import av
from av.packet import Packet
from av.video.frame import PictureType
from av.video.stream import VideoStream

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.clock import NANOSECONDS
from anoncam.evidence.segment_counters import SegmentCounters, SegmentTotals
from anoncam.frames.frame import FrameFormat
from anoncam.recording.footage import NoOutlet, Outlet
from anoncam.recording.h264_stream import add_video_stream, live_options, picture, ticks
from anoncam.recording.segment_footage import SegmentFootage
from anoncam.segments.mp4_boxes import seal

TIME_BASE = Fraction(1, 90_000)
"""The usual clock of video; it divides every common frame rate."""

FRAGMENT = NANOSECONDS
"""The length of a fragment: what a power cut may take."""

_BUFFER = 1 << 20


class Segment:
    """Encodes frames and returns each fragment, sealed, as soon as it is complete.

    libav writes into memory only, because only the storage thread may wait for the disk. Lengths
    are measured by arrival. Pictures are shown at their presentation times. `start`
    is the timestamp of the first frame, `interval` the usual time between two, in nanoseconds.
    `counters` counts all encoded frames; `totals` are those of the frames in the fragments returned
    so far. What is encoded goes to `outlet` too.
    """

    def __init__(
        self,
        codec: str,
        frame_format: FrameFormat,
        bitrate: int,
        *,
        start: int,
        interval: int,
        outlet: Outlet | None = None,
    ) -> None:
        self.start = start
        self.counters = SegmentCounters()
        self.totals = SegmentTotals()
        self._interval = interval
        self._sink = _Sink()
        # delay_moov: an encoder without global headers (h264_v4l2m2m) gives them with its first
        # packet. skip_trailer: the index at the end does not know of the seals, and no player needs
        # it.
        movflags = "frag_keyframe+empty_moov+default_base_moof+delay_moov+skip_trailer"
        options = {"movflags": movflags, "fflags": "+bitexact"}
        self._container = av.open(
            self._sink, "w", format="mp4", container_options=options, buffer_size=_BUFFER
        )
        self._stream = add_video_stream(
            self._container, codec, frame_format, TIME_BASE, live_options(codec, bitrate)
        )
        self._footage = SegmentFootage(
            self._stream.codec_context, frame_format, outlet or NoOutlet()
        )
        self._last = start
        self._fragment_start: int | None = None
        self._first_shown: int | None = None

    def write(self, frame: AnonymizedFrame) -> bytes:
        """Encode a frame; the fragments that it completes, usually none.

        Raises:
            av.FFmpegError: the encoder has failed.
        """
        video = picture(frame)
        video.time_base = TIME_BASE
        if self._first_shown is None:
            self._first_shown = frame.presentation
        video.pts = ticks(frame.presentation - self._first_shown, TIME_BASE)
        video.duration = ticks(self._interval, TIME_BASE)
        if self._fragment_start is None or self._is_due(frame.timestamp):
            video.pict_type = PictureType.I
            self._fragment_start = frame.timestamp
        self._mux(self._stream.encode(video))
        self._last = frame.timestamp
        # A fragment that this frame completes ends before it.
        data = self._complete(frame.timestamp)
        self.counters.add(frame)
        return data

    def finish(self) -> bytes:
        """Complete the last fragment and the file; the rest of its bytes.

        Raises:
            av.FFmpegError: the encoder has failed.
        """
        try:
            self._mux(self._stream.encode(None))
        finally:
            self._container.close()
        return self._complete(self._last + self._interval)

    def abandon(self) -> None:
        """Close the encoder; what it has not returned is lost."""
        # Without a close, container and stream keep each other alive, and a chip has one encoder.
        self._container.close()

    def _mux(self, packets: "Iterable[Packet[VideoStream]]") -> None:
        for packet in packets:
            self._footage.packet(packet)
            self._container.mux(packet)

    def _is_due(self, timestamp: int) -> bool:
        # Half a frame early rather than late, so that jitter never stretches a fragment.
        return timestamp - (self._fragment_start or 0) + self._interval // 2 >= FRAGMENT

    def _complete(self, end: int) -> bytes:
        data = self._sink.take()
        if not data:
            return b""
        before, self.totals = self.totals, self.counters.totals(end - self.start)
        self._footage.fragment(data, before, self.totals)
        return data + seal(data)


class _Sink:
    """The memory that libav writes to; it flushes only at the end of a fragment."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data
