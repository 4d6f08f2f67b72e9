import contextlib
import json
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from anoncam.config.schema import MOST_ZONES
from anoncam.errors import FeedError
from anoncam.feed.protocol import (
    LARGEST_HEADER,
    LARGEST_PAYLOAD,
    Decoder,
    Kind,
    Message,
    encode,
)

MESSAGES = st.builds(
    Message,
    st.text(max_size=10),
    st.dictionaries(st.text(max_size=5).filter(lambda key: key != "kind"), st.integers()),
    st.binary(max_size=200),
)


@given(st.lists(MESSAGES, max_size=5), st.lists(st.integers(1, 50), min_size=1))
def test_what_is_encoded_is_decoded_in_pieces_of_any_size(
    messages: list[Message], sizes: list[int]
) -> None:
    sent = b"".join(encode(message) + message.payload for message in messages)
    decoder, received = Decoder(), []
    while sent:
        piece, sent = sent[: sizes[0]], sent[sizes[0] :]
        sizes = [*sizes[1:], sizes[0]]
        received += decoder.feed(piece)
    assert received == messages


@pytest.mark.parametrize("lengths", [(LARGEST_HEADER + 1, 0), (2, LARGEST_PAYLOAD + 1)])
def test_lengths_beyond_the_limits_are_refused_before_anything_is_kept(
    lengths: tuple[int, int],
) -> None:
    with pytest.raises(FeedError, match="no feed"):
        Decoder().feed(struct.pack(">II", *lengths))


def test_a_status_with_the_most_zones_of_the_most_corners_is_no_garbage() -> None:
    corner = -1.2345678901234567e-100
    zones = [[[corner, corner]] * 100] * MOST_ZONES
    message = Message(Kind.STATUS, {"status": {"zones": {"configured": zones, "added": []}}})
    assert Decoder().feed(encode(message)) == [message]


@pytest.mark.parametrize(
    "header", [b"{", b"[1]", b'{"kind": 3}', b"{}", b"\xff", b"[" * 5000, json.dumps("x").encode()]
)
def test_a_damaged_header_is_refused(header: bytes) -> None:
    with pytest.raises(FeedError, match="the feed has sent"):
        Decoder().feed(struct.pack(">II", len(header), 0) + header)


@given(st.binary(max_size=300))
def test_garbage_gives_messages_or_one_kind_of_error(data: bytes) -> None:
    decoder = Decoder()
    with contextlib.suppress(FeedError):
        decoder.feed(data)
