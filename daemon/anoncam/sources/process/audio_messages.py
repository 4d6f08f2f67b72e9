"""The messages about the sound of a file, which is copied as it is: its packets and their format.

The parent believes none of them, as in `messages`.
"""

from fractions import Fraction
from typing import Annotated

from pydantic import ConfigDict, Field

from anoncam.sources.process.messages import Count, Message, Ratio, Time

CODECS = (
    *("aac", "ac3", "alac", "eac3", "flac", "mp2", "mp3", "opus", "vorbis"),
    *("pcm_alaw", "pcm_mulaw", "pcm_u8", "pcm_f32le", "pcm_s32le"),
    *("pcm_s16be", "pcm_s16le", "pcm_s24be", "pcm_s24le"),
)
"""libav's names of the kinds of sound that are copied. The muxers look into few of them."""

MOST_IN_A_MESSAGE = 64

LARGEST = 2 << 20
"""Bytes of the largest packet: that of FLAC with 65,535 samples of 24 bits in 8 channels fits."""

LONGEST_HEADER = 1 << 16
"""Bytes of the longest header; that of Vorbis has all its code books."""


class _WithBytes(Message):
    model_config = ConfigDict(ser_json_bytes="base64", val_json_bytes="base64")


class AudioFormat(_WithBytes):
    """What a muxer needs to know of a sound, in libav's words.

    `header` is what stands once for all packets. `padding` is how many samples at the beginning are
    for the decoder only.
    """

    codec: Annotated[str, Field(pattern=f"^({'|'.join(CODECS)})$")]
    rate: Annotated[int, Field(ge=1000, le=400_000)]
    channels: Annotated[int, Field(ge=1, le=64)]
    layout: Annotated[str, Field(pattern=r"^[A-Za-z0-9.()+ -]{1,40}$")]
    samples: Annotated[str, Field(pattern="^(u8|s16|s32|flt)p?$")]
    bit_rate: Annotated[int, Field(ge=0, le=1 << 31)]
    padding: Annotated[int, Field(ge=0, le=1 << 16)]
    header: Annotated[bytes, Field(max_length=LONGEST_HEADER)] | None
    ticks: Ratio

    @property
    def time_base(self) -> Fraction:
        """Seconds that are the unit of all times of the packets."""
        return Fraction(*self.ticks)


class AudioPacket(_WithBytes):
    """Some sound from `time` on; the last `cut` samples of it are not played."""

    data: Annotated[bytes, Field(min_length=1, max_length=LARGEST)]
    time: Time
    duration: Count
    cut: Annotated[int, Field(ge=0, le=(1 << 32) - 1)] = 0


class Sound(Message):
    """What sound a file has, if it has some, and when it `first` is heard (nanoseconds)."""

    format: AudioFormat | None = None
    first: Time | None = None


class AudioPackets(Message):
    """The next packets of the sound. `ended` is after the last."""

    packets: Annotated[list[AudioPacket], Field(max_length=MOST_IN_A_MESSAGE)]
    ended: bool
