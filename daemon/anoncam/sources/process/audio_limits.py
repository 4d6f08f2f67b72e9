"""What sound may be copied: both sides keep to it, and the parent checks it in each message."""

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

RATE, CHANNELS, BIT_RATE = (1000, 400_000), (1, 64), (0, 1 << 31)
"""The least and the most of each."""

PADDING, CUT = (0, 1 << 16), (0, (1 << 32) - 1)
"""Samples at the beginning and at the end that are not played."""

LAYOUT = r"^([a-z0-9.]{1,20}(\([a-z-]{1,10}\))?|[0-9]{1,2} channels|ambisonic [0-9])$"
"""libav's names of layouts, but of those whose channels are listed one by one, in capital letters.

libav keeps such a list in memory of its own, which PyAV frees twice (18.1, `AudioLayout`).
"""

SAMPLES = "^(u8|s16|s32|flt)p?$"
"""libav's names of kinds of samples."""
