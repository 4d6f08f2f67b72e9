"""The child's side of a copy that keeps the sound: reads the packets of one file."""

from typing import Any

from pydantic import ValidationError

from anoncam.config.schema import FilesSettings
from anoncam.errors import InputError
from anoncam.sources.libav.audio_reader import AudioReader, cut_at_end
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.process.audio_messages import (
    CODECS,
    LARGEST,
    MOST_IN_A_MESSAGE,
    AudioFormat,
    AudioPacket,
    AudioPackets,
    Sound,
)
from anoncam.sources.process.messages import ratio


class SoundOfFile:
    """Answers what the parent asks about the sound of a file."""

    def __init__(self, media: OpenFile) -> None:
        self._media = media
        self._reader: AudioReader | None = None

    def open(self, request: dict[str, Any], _: list[int]) -> Sound:
        """Tell what sound there is.

        Raises:
            InputError: the file cannot be read, or its sound not be copied.
        """
        self._reader = AudioReader(self._media, FilesSettings(**request["limits"]))
        return Sound(format=self._describe(self._reader), first=self._reader.first)

    def packets(self, _: dict[str, Any], __: list[int]) -> AudioPackets:
        """Give the next packets, at least one unless the sound has ended."""
        assert self._reader is not None  # noqa: S101 - the parent has opened it
        taken: list[AudioPacket] = []
        size = 0
        for packet in self._reader.packets:
            try:
                made = AudioPacket(
                    data=bytes(packet),
                    time=packet.pts or 0,
                    duration=packet.duration or 0,
                    cut=cut_at_end(packet),
                )
            except ValidationError:
                raise InputError(f"{self._media} cannot be read: its sound has no order") from None
            taken.append(made)
            size += packet.size
            if len(taken) == MOST_IN_A_MESSAGE or size >= LARGEST:
                return AudioPackets(packets=taken, ended=False)
        return AudioPackets(packets=taken, ended=True)

    def _describe(self, reader: AudioReader) -> AudioFormat | None:
        if reader.stream is None:
            return None
        context = reader.stream.codec_context
        codec = context.codec.canonical_name
        if codec not in CODECS:
            raise InputError(
                f"{self._media} has sound in {codec}, which is not copied",
                "leave --keep-audio out, or convert the sound to AAC first",
            )
        try:
            return AudioFormat(
                codec=codec,
                rate=context.sample_rate,
                channels=context.channels,
                layout=context.layout.name,
                # libav has none where it could decode nothing.
                samples=context.format.name if context.format else "",
                bit_rate=context.bit_rate or 0,
                padding=reader.padding,
                header=context.extradata,
                ticks=ratio(reader.time_base),
            )
        except ValidationError:
            raise InputError(
                f"{self._media} has sound that cannot be read", "leave --keep-audio out"
            ) from None
