import struct

import numpy as np
import pytest

from anoncam.detectors.process import messages
from anoncam.errors import CoralError, DetectorError, ModelError
from anoncam.processes.channel import make_channel

GOOD = np.array([[1, 2, 30, 40, 0.5]], np.float32)


def _reply(detections: np.ndarray) -> bytes:
    return messages.Reply(7, True, detections).encode()


def test_a_reply_arrives_as_it_was_sent() -> None:
    reply = messages.decode_reply(_reply(GOOD))

    assert (reply.ticket, reply.complete, reply.detections.tolist()) == (7, True, GOOD.tolist())


@pytest.mark.parametrize(
    ("place", "value"),
    [
        (0, np.nan),
        (4, np.nan),
        (2, np.inf),
        (2, 0),
        (3, -1),
        (4, -0.1),
        (4, 1.1),
        (0, 1e30),
        (3, 2e6),
    ],
)
def test_impossible_numbers_are_garbage(place: int, value: float) -> None:
    detections = GOOD.copy()
    detections[0, place] = value

    with pytest.raises(DetectorError, match="garbage"):
        messages.decode_reply(_reply(detections))


@pytest.mark.parametrize(
    "message",
    [
        b"",
        b"hello",
        _reply(GOOD)[:-1],
        _reply(GOOD) + b"\0",
        _reply(GOOD)[:-4],
        struct.pack("<Q?I", 7, True, 4_000_000_000),
        struct.pack("<Q?I", 7, True, messages.MOST_DETECTIONS + 1)
        + bytes(20 * (messages.MOST_DETECTIONS + 1)),
    ],
)
def test_messages_of_another_length_are_garbage(message: bytes) -> None:
    with pytest.raises(DetectorError, match="garbage"):
        messages.decode_reply(message)


@pytest.mark.parametrize(
    "request_",
    [
        messages.Request(1, 2, 0.5),
        messages.Request(1, 0, -0.1),
        messages.Request(1, 0, 1.5),
        messages.Request(1, 0, float("nan")),
    ],
)
def test_a_request_with_impossible_numbers_raises_an_error(request_: messages.Request) -> None:
    with pytest.raises(DetectorError, match="impossible numbers"):
        messages.decode_request(request_.encode(), slots=2)


def test_requests_and_memories_of_another_length_or_size_raise_an_error() -> None:
    request, memory = messages.Request(1, 0, 0.5).encode(), messages.Memory(2).encode()
    for message in (request[:-1], request + b"\0"):
        with pytest.raises(DetectorError, match="another length"):
            messages.decode_request(message, slots=2)
    for message in (memory[:-1], memory + b"\0"):
        with pytest.raises(DetectorError, match="another length"):
            messages.decode_memory(message)
    for slots in (0, messages.MOST_SLOTS + 1):
        with pytest.raises(DetectorError, match="a memory of"):
            messages.decode_memory(messages.Memory(slots).encode())


def test_more_detections_than_a_message_holds_are_not_complete() -> None:
    reply = messages.decode_reply(_reply(np.repeat(GOOD, messages.MOST_DETECTIONS + 1, axis=0)))

    assert not reply.complete
    assert len(reply.detections) == messages.MOST_DETECTIONS


def test_the_longest_reply_passes_the_channel_whole() -> None:
    ours, theirs = make_channel()
    with ours, theirs:
        sent = _reply(np.repeat(GOOD, messages.MOST_DETECTIONS, axis=0))
        theirs.send(sent)

        assert messages.receive(ours, 1.0) == sent


def test_a_message_longer_than_any_reply_is_cut_off_and_garbage() -> None:
    ours, theirs = make_channel()
    with ours, theirs:
        theirs.send(_reply(GOOD) * 3000)
        message = messages.receive(ours, 1.0)

    assert message is not None
    with pytest.raises(DetectorError, match="garbage"):
        messages.decode_reply(message)


def test_receive_returns_none_at_its_timeout_and_raises_if_the_sender_is_gone() -> None:
    ours, theirs = make_channel()
    with ours:
        assert messages.receive(ours, 0) is None
        assert messages.receive(ours, 0.001) is None
        theirs.close()
        with pytest.raises(DetectorError, match="gone"):
            messages.receive(ours, 1.0)
    with pytest.raises(DetectorError, match="gone"):
        messages.receive(ours, 1.0)


@pytest.mark.parametrize(
    ("kind", "wanted"),
    [("CoralError", CoralError), ("ModelError", ModelError), ("other", DetectorError)],
)
def test_an_error_of_the_child_is_raised_in_the_parent_as_the_same_class(
    kind: str, wanted: type[DetectorError]
) -> None:
    ready = messages.decode_ready(messages.Ready(error="it is broken", kind=kind).encode())

    with pytest.raises(DetectorError, match="it is broken") as raised:
        ready.raise_error()
    assert type(raised.value) is wanted


@pytest.mark.parametrize(
    "message", [b"", b"\xff", b"[]", b"{}", b'{"input_width": "a"}', b'{"extra": 1}', b'"x"']
)
def test_a_malformed_first_message_raises_an_error(message: bytes) -> None:
    with pytest.raises(DetectorError):
        messages.decode_ready(message)


@pytest.mark.parametrize("size", [(0, 320), (320, -1), (100_000, 100_000)])
def test_an_impossible_input_size_raises_an_error(size: tuple[int, int]) -> None:
    with pytest.raises(DetectorError, match="pictures of"):
        messages.decode_ready(messages.Ready(*size).encode())
