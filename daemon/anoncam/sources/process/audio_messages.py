"""The messages about the sound of a file, which is copied as it is: its packets and their format.

The parent believes none of them, as in `messages`.
"""

from fractions import Fraction
from typing import Annotated

from pydantic import ConfigDict, Field

from anoncam.sources.process import audio_limits
from anoncam.sources.process.messages import Count, Message, Ratio, Time


class _WithBytes(Message):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


class AudioFormat(_WithBytes):
    """What a muxer needs to know of a sound, in libav's words.

    `header` is what stands once for all packets. `padding` is how many samples at the beginning are
    for the decoder only.
    """

    codec: Annotated[str, Field(pattern=f"^({'|'.join(audio_limits.CODECS)})$")]
    rate: Annotated[int, Field(ge=audio_limits.RATE[0], le=audio_limits.RATE[1])]
    channels: Annotated[int, Field(ge=audio_limits.CHANNELS[0], le=audio_limits.CHANNELS[1])]
    layout: Annotated[str, Field(pattern=audio_limits.LAYOUT)]
    samples: Annotated[str, Field(pattern=audio_limits.SAMPLES)]
    bit_rate: Annotated[int, Field(ge=audio_limits.BIT_RATE[0], le=audio_limits.BIT_RATE[1])]
    padding: Annotated[int, Field(ge=audio_limits.PADDING[0], le=audio_limits.PADDING[1])]
    header: Annotated[bytes, Field(max_length=audio_limits.LONGEST_HEADER)] | None
    ticks: Ratio

    @property
    def time_base(self) -> Fraction:
        """Seconds that are the unit of all times of the packets."""
        return Fraction(*self.ticks)


class AudioPacket(_WithBytes):
    """Some sound from `time` on; the last `cut` samples of it are not played."""

    data: Annotated[bytes, Field(min_length=1, max_length=audio_limits.LARGEST)]
    time: Time
    duration: Count
    cut: Annotated[int, Field(ge=audio_limits.CUT[0], le=audio_limits.CUT[1])] = 0


class Sound(Message):
    """What sound a file has, if it has some, and when it `first` is heard (nanoseconds)."""

    format: AudioFormat | None = None
    first: Time | None = None


class AudioPackets(Message):
    """The next packets of the sound. `ended` is after the last."""

    packets: Annotated[list[AudioPacket], Field(max_length=audio_limits.MOST_IN_A_MESSAGE)]
    ended: bool
