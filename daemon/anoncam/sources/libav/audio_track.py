"""Reads the sound of a file for a copy that keeps it, in a pass of its own over the file."""

from collections.abc import Generator, Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.audio.stream import AudioStream

from anoncam.clock import NANOSECONDS
from anoncam.sources.libav.open_media import open_media
from anoncam.sources.timestamps import nanoseconds


class AudioTrack:
    """The first audio stream of a file, packet by packet.

    Its times are relative to `start`, in nanoseconds, as in `FileSource`.

    >>> with AudioTrack(path, source.start) as audio:
    ...     if audio.template is not None:
    ...         footage.add_audio(audio.template)
    ...     for packet in audio.until(frame.timestamp):
    ...         footage.mux_audio(packet)

    `template` is None where the file has no sound.

    Raises:
        InputError: the file cannot be read.
    """

    def __init__(self, path: Path, start: int) -> None:
        self._container = open_media(path)
        streams = self._container.streams.audio
        self.template: AudioStream | None = streams[0] if streams else None
        self._start = start
        self._packets = self._demux()
        self._next: av.Packet[AudioStream] | None = None

    def until(self, timestamp: int | None) -> "Iterator[av.Packet[AudioStream]]":
        """Yield the remaining packets that begin at `timestamp` or before; all of them if None.

        The sound ends where the file breaks off. The video source raises the error.
        """
        while True:
            packet = self._next or next(self._packets, None)
            self._next = packet
            if packet is None or (timestamp is not None and self._timestamp(packet) > timestamp):
                return
            self._next = None
            shift = round(self._start / (NANOSECONDS * packet.time_base))
            packet.pts = (packet.pts or 0) - shift
            packet.dts = None if packet.dts is None else packet.dts - shift
            yield packet

    def close(self) -> None:
        """Close the file; idempotent."""
        self._packets.close()
        self._container.close()

    @staticmethod
    def _timestamp(packet: "av.Packet[AudioStream]") -> int:
        return nanoseconds(packet.pts or 0, packet.time_base)

    def _demux(self) -> "Generator[av.Packet[AudioStream]]":
        if self.template is None:
            return
        try:
            for packet in self._container.demux(self.template):
                if packet.size and packet.pts is not None:
                    yield packet
        except av.FFmpegError:
            return

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()
