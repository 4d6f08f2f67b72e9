from fractions import Fraction

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.clock import NANOSECONDS
from anoncam.recording.h264_stream import LIBX264, V4L2M2M, live_options, ticks

BASES = [
    Fraction(1, 90_000),
    Fraction(1001, 30_000),
    Fraction(1, 15_360),
    Fraction(1, 1_000_000),
    Fraction(1, 24),
]


@given(st.integers(-(10**12), 10**12), st.sampled_from(BASES))
def test_a_pts_converted_to_nanoseconds_and_back_is_the_same(pts: int, time_base: Fraction) -> None:
    assert ticks(round(pts * time_base * NANOSECONDS), time_base) == pts


@pytest.mark.parametrize("codec", [LIBX264, V4L2M2M])
def test_the_bitrate_reaches_every_encoder(codec: str) -> None:
    assert "1234k" in live_options(codec, 1234).values()
