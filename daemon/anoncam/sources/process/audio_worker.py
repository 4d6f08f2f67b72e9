"""The child's side of a copy that keeps the sound: reads the packets of one file."""

import re
from base64 import urlsafe_b64encode
from typing import Any

from anoncam.errors import InputError
from anoncam.sources.libav.audio_reader import AudioReader, cut_at_end
from anoncam.sources.libav.file_limits import FileLimits
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.process.audio_limits import (
    BIT_RATE,
    CHANNELS,
    CODECS,
    CUT,
    LARGEST,
    LAYOUT,
    LONGEST_HEADER,
    MOST_IN_A_MESSAGE,
    PADDING,
    RATE,
    SAMPLES,
)
from anoncam.sources.process.replies import LARGEST_NUMBER, Reply, ratio


class SoundOfFile:
    """Answers what the parent asks about the sound of a file."""

    def __init__(self, media: OpenFile) -> None:
        self._media = media
        self._reader: AudioReader | None = None

    def open(self, request: dict[str, Any], _: list[int]) -> Reply:
        """Tell what sound there is.

        Raises:
            InputError: the file cannot be read, or its sound not be copied.
        """
        limits = request["limits"]
        limits = FileLimits(limits["max_pixels"], limits["max_streams"])
        self._reader = AudioReader(self._media, limits)
        return {"format": self._describe(self._reader), "first": self._reader.first}

    def packets(self, _: dict[str, Any], __: list[int]) -> Reply:
        """Give the next packets, at least one unless the sound has ended."""
        assert self._reader is not None  # noqa: S101 - the parent has opened it
        taken: list[Reply] = []
        size = 0
        for packet in self._reader.packets:
            time, duration, cut = packet.pts or 0, packet.duration or 0, cut_at_end(packet)
            if not (
                1 <= packet.size <= LARGEST
                and abs(time) <= LARGEST_NUMBER
                and 0 <= duration <= LARGEST_NUMBER
                and _is_within(cut, CUT)
            ):
                raise InputError(f"{self._media} cannot be read: its sound has no order")
            data = urlsafe_b64encode(bytes(packet)).decode()
            taken.append({"data": data, "time": time, "duration": duration, "cut": cut})
            size += packet.size
            if len(taken) == MOST_IN_A_MESSAGE or size >= LARGEST:
                return {"packets": taken, "ended": False}
        return {"packets": taken, "ended": True}

    def _describe(self, reader: AudioReader) -> Reply | None:
        if reader.stream is None or reader.layout is None:
            return None
        context = reader.stream.codec_context
        codec = context.codec.canonical_name
        if codec not in CODECS:
            raise InputError(
                f"{self._media} has sound in {codec}, which is not copied",
                "leave --keep-audio out, or convert the sound to AAC first",
            )
        layout = reader.layout.name
        if not re.match(LAYOUT, layout):
            raise InputError(
                f"{self._media} has sound with channels in an order of its own, which is not"
                " copied",
                "leave --keep-audio out, or convert the sound to stereo first",
            )
        header = context.extradata
        # libav has none where it could decode nothing.
        samples = context.format.name if context.format else ""
        bit_rate = context.bit_rate or 0
        if not (
            _is_within(context.sample_rate, RATE)
            and _is_within(context.channels, CHANNELS)
            and _is_within(bit_rate, BIT_RATE)
            and _is_within(reader.padding, PADDING)
            and re.match(SAMPLES, samples)
            and len(header or b"") <= LONGEST_HEADER
            and reader.time_base > 0
        ):
            raise InputError(
                f"{self._media} has sound that cannot be read", "leave --keep-audio out"
            )
        return {
            "codec": codec,
            "rate": context.sample_rate,
            "channels": context.channels,
            "layout": layout,
            "samples": samples,
            "bit_rate": bit_rate,
            "padding": reader.padding,
            "header": None if header is None else urlsafe_b64encode(header).decode(),
            "ticks": ratio(reader.time_base),
        }


def _is_within(number: int, limits: tuple[int, int]) -> bool:
    return limits[0] <= number <= limits[1]
