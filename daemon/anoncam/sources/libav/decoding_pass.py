"""Decodes a media file once, and reports at its end what could not be read."""

from collections import deque
from collections.abc import Generator, Iterator
from typing import cast

import av
from av.container import InputContainer
from av.stream import Stream
from av.video.stream import VideoStream

from anoncam.errors import InputError
from anoncam.sources.libav.jpeg import is_jpeg_whole
from anoncam.sources.libav.matroska import MATROSKA, is_matroska_whole
from anoncam.sources.libav.open_file import OpenFile

_STATES_ITS_END = {MATROSKA, "flv"}
"""Formats whose header states the duration, and whose reader does not notice a cut-off file."""

_LONGEST_REORDERING = 1.0
"""Seconds by which a picture that is sent later may be shown earlier."""

_SOUNDS = 4096
"""Times of sound that are remembered: at least 80 s."""

_FEWEST_SOUNDS = 5
"""Pieces of sound within a pause of the pictures that show that the file's clock runs on."""

_CAN_BE_CUT_ANYWHERE = {"mpegts", "mpeg", "h264", "hevc", "vvc", "mpegvideo"}
"""Formats that need no header at the beginning of the file."""

_END_TOLERANCE = 0.5
"""Seconds by which a file may end before its stated end."""


class DecodingPass:
    """Decodes the footage of an open file once.

    Packets that cannot be decoded are skipped and reported at the end. Those after them may be good
    again.
    """

    def __init__(self, container: InputContainer, stream: VideoStream, media: OpenFile) -> None:
        self._container = container
        self._stream = stream
        self._media = media
        self._decoded = 0
        self._damaged = 0
        self._concealed = 0
        self._first_damage = 0.0
        self._broken_tail = False
        self._delayed: av.Packet[Stream] | None = None
        # All in seconds of the file's own time.
        self._begin: float | None = None
        self._shown = 0.0
        self._sent = 0.0
        self._end = 0.0
        self._longest_interval = 0.0
        self._sounds: deque[float] = deque(maxlen=_SOUNDS)
        self._begins_with_key_frame: bool | None = None
        self._before_first = 0

    @property
    def note(self) -> str:
        """What is missing at the beginning of the file, if anything is."""
        if self._decoded and (self._before_first or self._begins_with_key_frame is False):
            return (
                f"{self._media.name} begins in the middle of a recording: it is read from the first"
                " picture on that needs none of those that are missing"
            )
        return ""

    @property
    def damaged(self) -> int:
        """How many pictures so far are missing or incomplete."""
        return self._damaged + self._concealed

    def hears(self, begin: float, end: float) -> bool:
        """Tell whether there is sound well within two of the file's own times, in seconds."""
        margin = (end - begin) / 10
        heard = sum(begin + margin < sound < end - margin for sound in self._sounds)
        return heard >= _FEWEST_SOUNDS

    def frames(self) -> Generator[av.VideoFrame]:
        """Decode all pictures that can be decoded, in the order in which they are shown.

        Raises:
            InputError: after the last of them, if the file is damaged or does not reach its end.
        """
        broken = ""
        try:
            for packet in self._container.demux():
                self._follow(packet)
                if packet.stream is self._stream:
                    yield from self._take(packet)
        except av.FFmpegError as error:
            broken = error.strerror or type(error).__name__
            yield from self._decode(None)
        self._raise_damage(broken)

    def _follow(self, packet: "av.Packet[Stream]") -> None:
        if packet.pts is None or not packet.size:
            return
        begin = float(packet.pts * packet.time_base)
        self._end = max(self._end, begin + float((packet.duration or 0) * packet.time_base))
        if packet.stream.type == "audio":
            self._sounds.append(begin)
        if packet.stream is self._stream:
            self._broken_tail = packet.is_corrupt
            if self._begins_with_key_frame is None:
                self._begins_with_key_frame = packet.is_keyframe
            if begin < self._sent - _LONGEST_REORDERING:
                # The clock has gone back, as in recordings that are joined.
                self._sent = begin
            if not packet.is_discard:
                self._sent = max(self._sent, begin)

    def _take(self, packet: "av.Packet[Stream]") -> Iterator[av.VideoFrame]:
        # The last packet of a file that is cut off may be incomplete. With several threads, its
        # error would discard the frames that the decoder still holds. So it is not decoded.
        # Anywhere else libav conceals what is missing.
        delayed, self._delayed = self._delayed, None
        if delayed is not None and packet.size:
            yield from self._decode(delayed)
        if packet.is_corrupt and packet.size:
            self._delayed = packet
        else:
            yield from self._decode(packet)

    def _decode(self, packet: "av.Packet[Stream] | None") -> Iterator[av.VideoFrame]:
        try:
            frames = self._stream.codec_context.decode(
                cast("av.Packet[VideoStream] | None", packet)
            )
        except av.EOFError:
            return
        except MemoryError:
            # libav's is an FFmpegError too, and the file is not damaged.
            raise InputError(
                f"there is not enough memory for the pictures of {self._media}",
                "scale it down first, or end other programs",
            ) from None
        except av.FFmpegError:
            if not self._decoded:
                self._before_first += 1
                return
            self._first_damage = self._first_damage if self._damaged else self._position
            self._damaged += 1
            self._broken_tail = True
            return
        for frame in frames:
            self._note(frame)
            yield frame

    def _note(self, frame: av.VideoFrame) -> None:
        self._decoded += 1
        self._concealed += frame.is_corrupt
        if frame.pts is None or self._stream.time_base is None:
            return
        timestamp = float(frame.pts * self._stream.time_base)
        if self._begin is None:
            self._begin = self._shown = timestamp
        self._longest_interval = max(self._longest_interval, timestamp - self._shown)
        self._shown = timestamp

    @property
    def _position(self) -> float:
        return self._shown - (self._begin or 0.0)

    def _raise_damage(self, broken: str) -> None:
        if self._container.format.name in _CAN_BE_CUT_ANYWHERE and self._lacks_headers:
            raise InputError(
                f"{self._media} has no picture that can be decoded: it begins in the middle of a"
                " recording, and the headers and the key frame that its pictures need are missing",
                "cut recordings at key frames, or join this one to what comes before it",
            )
        if not self._decoded and (broken or self._before_first):
            raise InputError(
                f"{self._media} has no picture that can be decoded",
                "it is cut off or damaged, or too large: scale it down, or raise files.max_pixels",
            )
        if broken:
            raise InputError(
                f"{self._media} cannot be read beyond {self._position:.2f} s: {broken}"
            )
        if self._broken_tail or self._is_short():
            raise InputError(f"{self._media} is cut off: it breaks off at {self._position:.2f} s")
        if self._damaged:
            raise InputError(
                f"{self._media} is damaged: {_pictures(self._damaged)} missing,"
                f" from {self._first_damage:.2f} s on"
            )
        if self._concealed:
            raise InputError(f"{self._media} is damaged: {_pictures(self._concealed)} incomplete")
        if self._container.format.name == MATROSKA and not is_matroska_whole(self._media):
            raise InputError(
                f"{self._media} is damaged: a part of it cannot be read, and its pictures are"
                " missing"
            )
        if self._is_jpeg() and not is_jpeg_whole(self._media):
            raise InputError(f"{self._media} is cut off: the lower part of the picture is missing")

    @property
    def _lacks_headers(self) -> bool:
        return not self._decoded and self._before_first > 0 and not self._stream.width

    def _is_jpeg(self) -> bool:
        return self._container.format.name == "jpeg_pipe"

    def _is_short(self) -> bool:
        # A decoder with several threads does not report an error in its last frames.
        if self._sent > self._shown + 1.5 * self._longest_interval:
            return True
        stated = self._container.duration
        if self._container.format.name not in _STATES_ITS_END or stated is None:
            return False
        end = ((self._container.start_time or 0) + stated) / av.time_base
        return self._end + max(_END_TOLERANCE, 2 * self._longest_interval) < end


def _pictures(count: int) -> str:
    return "1 picture is" if count == 1 else f"{count} pictures are"
