"""A segment: frames encoded into a fragmented MP4, in memory, fragment by fragment."""

from fractions import Fraction

import av
from av.video.frame import PictureType

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.clock import NANOSECONDS
from anoncam.evidence.segment_counters import SegmentCounters, SegmentCounts
from anoncam.frames.frame import FrameFormat
from anoncam.recording.h264_stream import add_video_stream, interval, live_options, picture, ticks
from anoncam.segments.mp4_boxes import seal

TIME_BASE = Fraction(1, 90_000)
"""The usual clock of video; it divides every common frame rate."""

FRAGMENT = NANOSECONDS
"""The length of a fragment: what a power cut may take."""

_BUFFER = 1 << 20


class Segment:
    """Encodes frames and gives back each fragment, sealed, as soon as it is complete.

    libav writes into memory only: the disk is the storage thread's alone. `counted` is what
    has been given back; `tally` counts what was encoded.
    """

    def __init__(self, codec: str, frame_format: FrameFormat, bitrate: int, start: int) -> None:
        self.start = start
        self.tally = SegmentCounters()
        self.counted = SegmentCounts()
        self._interval = interval(frame_format)
        self._sink = _Sink()
        # delay_moov: an encoder without global headers (h264_v4l2m2m) gives them with its first
        # packet only. skip_trailer: the index at the end would point past the seals, and no player
        # needs it.
        movflags = "frag_keyframe+empty_moov+default_base_moof+delay_moov+skip_trailer"
        options = {"movflags": movflags, "fflags": "+bitexact"}
        self._container = av.open(
            self._sink, "w", format="mp4", container_options=options, buffer_size=_BUFFER
        )
        self._stream = add_video_stream(
            self._container, codec, frame_format, TIME_BASE, live_options(codec, bitrate)
        )
        self._last = start
        self._fragment_start: int | None = None

    def write(self, frame: AnonymizedFrame) -> bytes:
        """Encode a frame; the fragments that this has completed, usually none.

        Raises:
            av.FFmpegError: the encoder has failed.
        """
        video = picture(frame)
        video.time_base = TIME_BASE
        video.pts = ticks(frame.timestamp - self.start, TIME_BASE)
        video.duration = ticks(self._interval, TIME_BASE)
        if self._fragment_start is None or self._is_due(frame.timestamp):
            video.pict_type = PictureType.I
            self._fragment_start = frame.timestamp
        self._container.mux(self._stream.encode(video))
        self._last = frame.timestamp
        # What this frame has completed ends before it.
        data = self._complete(frame.timestamp)
        self.tally.add(frame)
        return data

    def finish(self) -> bytes:
        """Complete the last fragment and the file; the rest of its bytes.

        Raises:
            av.FFmpegError: the encoder has failed.
        """
        try:
            self._container.mux(self._stream.encode(None))
        finally:
            self._container.close()
        return self._complete(self._last + self._interval)

    def abandon(self) -> None:
        """Let the encoder go; what it has not given back is lost."""
        # Container and stream refer to each other until it is closed, and a camera's chip has one
        # encoder.
        self._container.close()

    def _is_due(self, timestamp: int) -> bool:
        # Half a frame early rather than late: a trembling clock must not stretch a fragment beyond
        # its length.
        return timestamp - (self._fragment_start or 0) + self._interval // 2 >= FRAGMENT

    def _complete(self, end: int) -> bytes:
        data = self._sink.take()
        if not data:
            return b""
        self.counted = self.tally.counted(end - self.start)
        return data + seal(data)


class _Sink:
    """Where libav writes: it flushes at the end of a fragment, never within one."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []

    def write(self, data: bytes) -> int:
        self._parts.append(bytes(data))
        return len(data)

    def take(self) -> bytes:
        data = b"".join(self._parts)
        self._parts.clear()
        return data
