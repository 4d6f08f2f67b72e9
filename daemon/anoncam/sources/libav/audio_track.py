"""Reads the sound of a file for a copy that keeps it, in a pass of its own over the file."""

from collections.abc import Generator, Iterator, Sequence
from fractions import Fraction
from types import TracebackType
from typing import Self

import av
from av.audio.stream import AudioStream

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import FilesSettings
from anoncam.sources.libav.file_limits import FileLimits
from anoncam.sources.libav.left_out import default_track
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.libav.open_media import open_media
from anoncam.sources.libav.quicktime import QUICKTIME
from anoncam.sources.timestamps import Part, nanoseconds

_TOLERANCE = NANOSECONDS * 3 // 10
"""A packet that is off by more than this belongs to another part of the file, or ends a pause."""

_PATIENCE = 5 * NANOSECONDS
"""How long such a packet waits for the pictures to come to their next part."""

_NO_JUMPS = (Part(0, 0),)

_DEFAULT_LIMITS = FilesSettings()


class AudioTrack:
    """The default audio stream of a file, packet by packet.

    Where the clock of the file jumps, the sound follows the pictures: `parts` are those of
    `FileSource`, in units of `time_base`, and grow while its frames are read. Sound that an edit
    list cuts away is left out, and so is sound that overlaps after a jump. `start` (nanoseconds) is
    the time from which on the packets are timed.

    >>> with AudioTrack(media, source.parts, source.time_base) as audio:
    ...     if audio.template is not None:
    ...         footage.add_audio(audio.template)
    ...     for packet in audio.until(frame.timestamp):
    ...         footage.mux_audio(packet)

    `template` is None where the file has no sound. `first` is when the sound begins.

    Raises:
        InputError: the file cannot be read.
    """

    def __init__(
        self,
        media: OpenFile,
        parts: Sequence[Part] = _NO_JUMPS,
        time_base: Fraction = Fraction(1, NANOSECONDS),
        limits: FilesSettings = _DEFAULT_LIMITS,
    ) -> None:
        self._container = open_media(media, FileLimits(limits.max_pixels, limits.max_streams))
        # Only QuickTime files have edit lists.
        self._has_edits = self._container.format.name == QUICKTIME
        self.template: AudioStream | None = default_track(self._container.streams.audio)
        self._parts = parts
        self._time_base = time_base
        self._packets = self._demux()
        self._next = next(self._packets, None)
        self.first = None if self._next is None else _first_played(self._next)
        self.start = 0
        self._part = 0
        self._has_jumped = False
        self._last = -(1 << 62)
        self._expected = 0 if self._next is None else _time(self._next)

    def until(self, timestamp: int | None) -> "Iterator[av.Packet[AudioStream]]":
        """Yield the remaining packets that begin at `timestamp` or before; all of them if None.

        The sound ends where the file breaks off. The video source raises the error.
        """
        while (packet := self._next) is not None:
            if not self._find_part(_time(packet), timestamp):
                return
            offset = nanoseconds(self._parts[self._part].offset, self._time_base)
            time = _time(packet) + offset
            if timestamp is not None and time > timestamp:
                return
            self._next = next(self._packets, None)
            duration = nanoseconds(packet.duration or 0, packet.time_base)
            overlaps = self._has_jumped and time < self._expected - duration // 2
            if overlaps or time <= self._last:
                continue
            self._has_jumped = False
            self._last, self._expected = time, time + duration
            shift = round((offset - self.start) / (NANOSECONDS * packet.time_base))
            packet.pts = (packet.pts or 0) + shift
            packet.dts = None if packet.dts is None else packet.dts + shift
            yield packet

    def _find_part(self, time: int, timestamp: int | None) -> bool:
        """Find the part of the file that a packet belongs to; False if it is not known yet."""
        off = self._how_far_off(time, self._part)
        if off <= _TOLERANCE:
            return True
        following = range(self._part + 1, len(self._parts))
        nearest = min(following, key=lambda part: self._how_far_off(time, part), default=None)
        if nearest is not None and self._how_far_off(time, nearest) < off:
            self._part, self._has_jumped = nearest, True
            return True
        return timestamp is None or timestamp > self._expected + _PATIENCE

    def _how_far_off(self, time: int, part: int) -> int:
        offset = nanoseconds(self._parts[part].offset, self._time_base)
        return abs(time + offset - self._expected)

    def close(self) -> None:
        """Close the file; idempotent."""
        self._packets.close()
        self._container.close()

    def _demux(self) -> "Generator[av.Packet[AudioStream]]":
        if self.template is None:
            return
        try:
            for packet in self._container.demux(self.template):
                if packet.size and packet.pts is not None and not self._is_cut_away(packet):
                    yield packet
        except av.FFmpegError:
            return

    def _is_cut_away(self, packet: "av.Packet[AudioStream]") -> bool:
        """Tell whether players of the file do not play the packet, or not its beginning.

        libav gives no packet that begins after the end of the last edit.
        """
        return self._has_edits and (packet.is_discard or packet.has_sidedata("skip_samples"))

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _time(packet: "av.Packet[AudioStream]") -> int:
    return nanoseconds(packet.pts or 0, packet.time_base)


def _first_played(packet: "av.Packet[AudioStream]") -> int:
    """When the sound begins; a first packet that a decoder only needs to begin is not played."""
    skipped = (packet.duration or 0) if packet.has_sidedata("skip_samples") else 0
    return nanoseconds((packet.pts or 0) + skipped, packet.time_base)
