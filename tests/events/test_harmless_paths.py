import string

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.events.harmless_paths import is_harmless


@pytest.mark.parametrize(
    "part", ["stream1", "Streaming", "101", "ch00_0", "h264Preview_01_main", "live.sdp", "x", ""]
)
def test_parts_that_every_maker_uses_are_harmless(part: str) -> None:
    assert is_harmless(part)


@pytest.mark.parametrize(
    "part", ["1234", "12-34", "livex", "my-secret", "9f86d081", "live%20", "é", "live" * 20]
)
def test_all_else_may_be_a_token(part: str) -> None:
    assert not is_harmless(part)


@given(st.text(string.ascii_letters + string.digits, min_size=16, max_size=64))
def test_random_tokens_are_not_harmless(token: str) -> None:
    assert not is_harmless(f"{token}xq")
