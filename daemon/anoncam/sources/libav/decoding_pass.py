"""One pass over a media file: its pictures in order, and an honest word about what could not be
read.
"""

import stat
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import cast

import av
from av.container import InputContainer
from av.stream import Disposition, Stream
from av.video.stream import VideoStream

from anoncam.errors import InputError
from anoncam.sources.libav.unreported_damage import MATROSKA, is_jpeg_whole, is_matroska_whole

_NOT_FOOTAGE = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.dependent

_STATES_ITS_END = {MATROSKA, "flv"}
"""Formats whose header states the duration, and whose reader takes a cut-off file for a complete
one."""

_END_TOLERANCE = 0.5


def open_file(path: Path) -> InputContainer:
    """Open a regular file with libav; nothing on the network, whatever stands in it.

    Raises:
        InputError: there is no such file, or libav cannot read it.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {getattr(error, 'strerror', error)}") from error
    if stat.S_ISDIR(mode):
        raise InputError(f"{path} is a folder", "name a video or a picture")
    if not stat.S_ISREG(mode):
        raise InputError(f"{path} is not a file", "name a video or a picture")
    if not path.stat().st_size:
        raise InputError(f"{path} is empty")
    try:
        return av.open(
            f"file:{path.absolute()}",
            # Without the pattern type, libav takes "%d" in a picture's name for a whole sequence of
            # files.
            container_options={"pattern_type": "none"},
            metadata_errors="replace",
        )
    except av.InvalidDataError as error:
        raise InputError(
            f"{path} is not a video or picture that can be read, or lacks its end or beginning"
        ) from error
    except av.FFmpegError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def find_video(container: InputContainer, path: Path) -> VideoStream:
    """The stream with the footage; a cover picture is not footage.

    Raises:
        InputError: there is none, or no decoder for it.
    """
    streams = [
        stream for stream in container.streams.video if not stream.disposition & _NOT_FOOTAGE
    ]
    if not streams:
        raise InputError(f"{path} holds no video", "name a video or a picture")
    stream = max(streams, key=lambda stream: bool(stream.disposition & Disposition.default))
    # PyAV leaves it out, against its own type, where libav has no decoder.
    if getattr(stream, "codec_context", None) is None:
        raise InputError(f"{path} is in a video format for which there is no decoder")
    return stream


class Pass:
    """Decodes the footage of an open file once.

    Packets that cannot be decoded are skipped, and told at the end: what follows them may be good
    again.
    """

    def __init__(self, container: InputContainer, stream: VideoStream, path: Path) -> None:
        self._container = container
        self._stream = stream
        self._path = path
        self._damaged = 0
        self._concealed = 0
        self._first_damage = 0.0
        self._broken_tail = False
        self._held: av.Packet[Stream] | None = None
        # All in seconds of the file's own time.
        self._begin: float | None = None
        self._shown = 0.0
        self._sent = 0.0
        self._end = 0.0
        self._gap = 0.0

    def frames(self) -> Generator[av.VideoFrame]:
        """All frames that can be decoded, in the order in which they are shown.

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
        self._judge(broken)

    def _follow(self, packet: "av.Packet[Stream]") -> None:
        if packet.pts is None or not packet.size:
            return
        begin = float(packet.pts * packet.time_base)
        self._end = max(self._end, begin + float((packet.duration or 0) * packet.time_base))
        if packet.stream is self._stream:
            self._broken_tail = packet.is_corrupt
            if not packet.is_discard:
                self._sent = max(self._sent, begin)

    def _take(self, packet: "av.Packet[Stream]") -> Iterator[av.VideoFrame]:
        # Where a file is cut off, the last packet is the rest of one: an error from it would take
        # the frames along that a decoder with several threads still holds. Anywhere else libav
        # conceals what is missing.
        held, self._held = self._held, None
        if held is not None and packet.size:
            yield from self._decode(held)
        if packet.is_corrupt and packet.size:
            self._held = packet
        else:
            yield from self._decode(packet)

    def _decode(self, packet: "av.Packet[Stream] | None") -> Iterator[av.VideoFrame]:
        try:
            frames = self._stream.codec_context.decode(
                cast("av.Packet[VideoStream] | None", packet)
            )
        except av.EOFError:
            return
        except av.FFmpegError:
            self._first_damage = self._first_damage if self._damaged else self._position
            self._damaged += 1
            self._broken_tail = True
            return
        for frame in frames:
            self._see(frame)
            yield frame

    def _see(self, frame: av.VideoFrame) -> None:
        self._concealed += frame.is_corrupt
        if frame.pts is None or self._stream.time_base is None:
            return
        moment = float(frame.pts * self._stream.time_base)
        if self._begin is None:
            self._begin = self._shown = moment
        self._gap = max(self._gap, moment - self._shown)
        self._shown = moment

    @property
    def _position(self) -> float:
        return self._shown - (self._begin or 0.0)

    def _judge(self, broken: str) -> None:
        if broken:
            raise InputError(f"{self._path} cannot be read beyond {self._position:.2f} s: {broken}")
        if self._broken_tail or self._is_short():
            raise InputError(f"{self._path} is cut off: it breaks off at {self._position:.2f} s")
        if self._damaged:
            missing = "1 picture is" if self._damaged == 1 else f"{self._damaged} pictures are"
            raise InputError(
                f"{self._path} is damaged: {missing} missing, from {self._first_damage:.2f} s on"
            )
        if self._concealed:
            broken_ones = (
                "1 picture is" if self._concealed == 1 else f"{self._concealed} pictures are"
            )
            raise InputError(f"{self._path} is damaged: {broken_ones} incomplete")
        if self._container.format.name == MATROSKA and not is_matroska_whole(self._path):
            raise InputError(
                f"{self._path} is damaged: a part of it cannot be read, and the pictures in it are missing"
            )
        if self._is_jpeg() and not is_jpeg_whole(self._path):
            raise InputError(f"{self._path} is cut off: the lower part of the picture is missing")

    def _is_jpeg(self) -> bool:
        return self._stream.codec_context.name == "mjpeg" and self._container.format.name in {
            "image2",
            "jpeg_pipe",
        }

    def _is_short(self) -> bool:
        # A decoder with several threads forgets an error among its last frames.
        if self._sent > self._shown + 1.5 * self._gap:
            return True
        stated = self._container.duration
        if self._container.format.name not in _STATES_ITS_END or stated is None:
            return False
        end = ((self._container.start_time or 0) + stated) / av.time_base
        return self._end + max(_END_TOLERANCE, 2 * self._gap) < end
