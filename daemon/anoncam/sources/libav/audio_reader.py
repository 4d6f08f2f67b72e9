"""Reads the sound of a file for a copy that keeps it, packet by packet, without decoding it."""

from collections.abc import Iterator
from fractions import Fraction
from itertools import chain
from typing import Literal

import av
from av.audio.stream import AudioStream

from anoncam.errors import InputError
from anoncam.sources.libav.file_limits import FileLimits
from anoncam.sources.libav.left_out import default_track
from anoncam.sources.libav.matroska import MATROSKA
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.libav.open_media import open_media
from anoncam.sources.libav.quicktime import QUICKTIME
from anoncam.sources.timestamps import nanoseconds

_SKIPPED: Literal["skip_samples"] = "skip_samples"
"""What libav knows of samples that are not played: two numbers, at the beginning and the end."""

_PRE_SKIP = slice(10, 12)
"""Where the header of Opus says how many samples are for the decoder only (RFC 7845, 5.1)."""


class AudioReader:
    """The packets of the default audio stream of a file.

    Sound that an edit list cuts away is left out. `stream` and `layout` are None where the file has
    no sound. `packets` end where the file breaks off. `first` is when the sound begins
    (nanoseconds), and `padding` how many samples at the beginning are for the decoder only.

    Raises:
        InputError: the file cannot be read, or its sound not be copied.
    """

    def __init__(self, media: OpenFile, limits: FileLimits) -> None:
        self._container = open_media(media, limits)
        # Only QuickTime files have edit lists.
        self._has_edits = self._container.format.name == QUICKTIME
        self.stream: AudioStream | None = default_track(self._container.streams.audio)
        # Where libav has no decoder, PyAV leaves this out, in spite of its own type.
        if self.stream is not None and getattr(self.stream, "codec_context", None) is None:
            raise InputError(
                f"{media} has sound in a format that is not known", "leave --keep-audio out"
            )
        # PyAV frees a list of channels twice: with this, and with the file. So this is kept.
        self.layout = None if self.stream is None else self.stream.codec_context.layout
        demuxed = self._demux()
        begin = next(demuxed, None)
        self.packets = demuxed if begin is None else chain([begin], demuxed)
        self.first = None if begin is None else _first_played(begin)
        self.padding = self._read_padding(begin)

    @property
    def time_base(self) -> Fraction:
        """Seconds that are the unit of the packets' times."""
        assert self.stream is not None  # noqa: S101 - there is no packet without a stream
        return self.stream.time_base or Fraction(1, self.stream.codec_context.sample_rate)

    def _demux(self) -> "Iterator[av.Packet[AudioStream]]":
        if self.stream is None:
            return
        try:
            for packet in self._container.demux(self.stream):
                if packet.size and packet.pts is not None and not self._is_cut_away(packet):
                    yield packet
        except av.FFmpegError:
            return

    def _is_cut_away(self, packet: "av.Packet[AudioStream]") -> bool:
        """Tell whether players of the file do not play the packet, or not its beginning.

        libav gives no packet that begins after the end of the last edit.
        """
        return self._has_edits and (packet.is_discard or packet.has_sidedata(_SKIPPED))

    def _read_padding(self, begin: "av.Packet[AudioStream] | None") -> int:
        if self.stream is None or begin is None:
            return 0
        context = self.stream.codec_context
        if context.codec.canonical_name == "opus":
            return int.from_bytes((context.extradata or b"")[_PRE_SKIP], "little")
        return _skipped(begin)[0] if self._container.format.name == MATROSKA else 0


def cut_at_end(packet: "av.Packet[AudioStream]") -> int:
    """How many samples at the end of a packet are not played."""
    return _skipped(packet)[1]


def _skipped(packet: "av.Packet[AudioStream]") -> tuple[int, int]:
    if not packet.has_sidedata(_SKIPPED):
        return 0, 0
    data = bytes(packet.get_sidedata(_SKIPPED))
    return int.from_bytes(data[:4], "little"), int.from_bytes(data[4:8], "little")


def _first_played(packet: "av.Packet[AudioStream]") -> int:
    """When the sound begins; a first packet that a decoder only needs to begin is not played."""
    skipped = (packet.duration or 0) if packet.has_sidedata(_SKIPPED) else 0
    return nanoseconds((packet.pts or 0) + skipped, packet.time_base)
