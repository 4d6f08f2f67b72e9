"""The child's side of a copy that keeps the sound: reads the packets of one file."""

import re
from base64 import urlsafe_b64encode

from anoncam.errors import InputError
from anoncam.sources.libav.audio_reader import AudioReader, cut_at_end
from anoncam.sources.libav.file_limits import FileLimits
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.process import audio_limits
from anoncam.sources.process.replies import LARGEST_NUMBER, Reply, ratio


class SoundOfFile:
    """Answers what the parent asks about the sound of a file."""

    def __init__(self, media: OpenFile) -> None:
        self._media = media
        self._reader: AudioReader | None = None

    def open(self, limits: FileLimits) -> Reply:
        """Tell what sound there is.

        Raises:
            InputError: the file cannot be read, or its sound not be copied.
        """
        self._reader = AudioReader(self._media, limits)
        return {"format": self._describe(self._reader), "first": self._reader.first}

    def packets(self) -> Reply:
        """Give the next packets, at least one unless the sound has ended."""
        assert self._reader is not None  # noqa: S101 - the parent has opened it
        taken: list[Reply] = []
        size = 0
        for packet in self._reader.packets:
            time, duration, cut = packet.pts or 0, packet.duration or 0, cut_at_end(packet)
            if not (
                1 <= packet.size <= audio_limits.LARGEST
                and abs(time) <= LARGEST_NUMBER
                and 0 <= duration <= LARGEST_NUMBER
                and _is_within(cut, audio_limits.CUT)
            ):
                raise InputError(f"{self._media} cannot be read: its sound has no order")
            data = urlsafe_b64encode(bytes(packet)).decode()
            taken.append({"data": data, "time": time, "duration": duration, "cut": cut})
            size += packet.size
            if len(taken) == audio_limits.MOST_IN_A_MESSAGE or size >= audio_limits.LARGEST:
                return {"packets": taken, "ended": False}
        return {"packets": taken, "ended": True}

    def _describe(self, reader: AudioReader) -> Reply | None:
        if reader.stream is None or reader.layout is None:
            return None
        context = reader.stream.codec_context
        codec = context.codec.canonical_name
        if codec not in audio_limits.CODECS:
            raise InputError(
                f"{self._media} has sound in {codec}, which is not copied",
                "leave --keep-audio out, or convert the sound to AAC first",
            )
        layout = reader.layout.name
        if not re.match(audio_limits.LAYOUT, layout):
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
            _is_within(context.sample_rate, audio_limits.RATE)
            and _is_within(context.channels, audio_limits.CHANNELS)
            and _is_within(bit_rate, audio_limits.BIT_RATE)
            and _is_within(reader.padding, audio_limits.PADDING)
            and re.match(audio_limits.SAMPLES, samples)
            and len(header or b"") <= audio_limits.LONGEST_HEADER
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
