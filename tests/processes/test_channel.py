"""Messages stay whole, however slowly their parts come."""

import socket
import threading
from collections.abc import Iterator

import pytest

from anoncam.processes import channel
from anoncam.processes.channel import PART, make_channel, receive_beside, receive_long, send_long

Ends = tuple[socket.socket, socket.socket]


@pytest.fixture
def ends() -> Iterator[Ends]:
    ours, theirs = make_channel()
    with ours, theirs:
        yield ours, theirs


def test_a_message_whose_rest_comes_after_the_timeout_is_whole(ends: Ends) -> None:
    ours, theirs = ends
    theirs.sendall(b"\1first ")
    late = threading.Timer(0.3, theirs.sendall, [b"\0second"])
    late.start()
    assert receive_long(ours, 0.01) == (b"first second", [])
    late.join()


def test_a_message_without_a_rest_ends_the_wait(
    ends: Ends, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(channel, "_REST_TIMEOUT", 0.05)
    ours, theirs = ends
    theirs.sendall(b"\1first")
    with pytest.raises(ConnectionError):
        receive_long(ours, None)


def test_nothing_comes_of_a_message_that_has_not_begun(ends: Ends) -> None:
    assert receive_long(ends[0], 0.01) is None


def test_a_message_of_many_parts_arrives_as_it_was_sent(ends: Ends) -> None:
    ours, theirs = ends
    message = bytes(range(256)) * (3 * PART // 256) + b"end"
    sender = threading.Thread(target=send_long, args=(theirs, message, []))
    sender.start()
    assert receive_long(ours, 60) == (message, [])
    sender.join()


def test_a_part_comes_with_the_descriptors_beside_it(ends: Ends) -> None:
    ours, theirs = ends
    assert receive_beside(ours, 0) is None
    socket.send_fds(theirs, [b"memory"], [theirs.fileno()])
    received = receive_beside(ours, 1.0)

    assert received is not None
    message, descriptors = received
    assert (message, len(descriptors)) == (b"memory", 1)
    channel.close_all(descriptors)
    theirs.close()
    with pytest.raises(ConnectionError):
        receive_beside(ours, 1.0)
