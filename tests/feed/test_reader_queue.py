from hypothesis import given
from hypothesis import strategies as st

from anoncam.feed.protocol import Decoder, Kind, Message
from anoncam.feed.reader_queue import Parcel, ReaderQueue, parcel

INIT = parcel(Kind.TRACK, {"codec": "h264"}, b"parameters")
OTHER_INIT = parcel(Kind.TRACK, {"codec": "h264"}, b"other parameters")


def packet(number: int, size: int = 100, *, key: bool = False, setup: Parcel = INIT) -> Parcel:
    return parcel(Kind.PACKET, {"pts": number}, bytes(size), key=key, setup=setup)


def wanting(limit: int, *kinds: str) -> ReaderQueue:
    queue = ReaderQueue(limit)
    queue.want(kinds or (Kind.PACKET,))
    return queue


def taken(queue: ReaderQueue) -> list[Message]:
    decoder, messages = Decoder(), []
    while (following := queue.take()) is not None:
        messages += decoder.feed(following.head + following.payload)
    return messages


def brief(messages: list[Message]) -> list[object]:
    """The number of each packet, the kind of the others, and how much was lost."""
    lost = [(each.kind, each.facts.get("messages")) for each in messages]
    return [
        each.facts.get("pts", how if each.kind == Kind.LOST else each.kind)
        for each, how in zip(messages, lost, strict=True)
    ]


def test_footage_begins_with_its_setup_and_a_key_frame() -> None:
    queue = wanting(10**6)
    for number in range(4):
        queue.put(packet(number, key=number == 2))
    assert brief(taken(queue)) == ["track", 2, 3]


def test_a_setup_is_sent_once_and_again_when_it_is_another() -> None:
    queue = wanting(10**6)
    for number, setup in enumerate((INIT, INIT, OTHER_INIT)):
        queue.put(packet(number, key=True, setup=setup))
    assert brief(taken(queue)) == ["track", 0, 1, "track", 2]


def test_a_full_queue_loses_what_comes_until_a_key_frame_fits() -> None:
    queue = wanting(1000)
    for number in range(20):
        queue.put(packet(number, key=number % 5 == 0))
    kept = len(brief(taken(queue))) - 1
    for number in range(20, 23):
        queue.put(packet(number, key=number % 5 == 0))
    assert 0 < kept < 20
    assert brief(taken(queue)) == [("lost", 20 - kept), 20, 21, 22]


def test_a_setup_that_came_while_the_queue_was_full_is_sent_later() -> None:
    queue = wanting(700)
    for number in range(10):
        queue.put(packet(number, key=True))
    queue.put(packet(10, key=True, setup=OTHER_INIT))
    taken(queue)
    queue.put(packet(11, key=True, setup=OTHER_INIT))
    assert brief(taken(queue))[1:] == ["track", 11]


def test_one_message_always_fits_however_large() -> None:
    queue = wanting(1000)
    queue.put(packet(0, size=5000, key=True))
    assert brief(taken(queue)) == ["track", 0]


@given(st.lists(st.tuples(st.integers(0, 3000), st.booleans(), st.booleans()), max_size=60))
def test_memory_is_bounded_and_no_packet_comes_without_those_before_it(
    steps: list[tuple[int, bool, bool]],
) -> None:
    limit, queue = 5000, wanting(5000)
    got: list[Message] = []
    keys = set()
    for number, (size, key, takes) in enumerate(steps):
        keys |= {number} if key else set()
        queue.put(packet(number, size, key=key))
        waiting = sum(each.size for each in queue._parcels)
        assert waiting <= limit + 3000 + 600
        if takes:
            got += taken(queue)
    numbers = [message.facts["pts"] for message in got + taken(queue) if message.kind == "packet"]
    for before, after in zip([-2, *numbers], numbers, strict=False):
        assert after == before + 1 or after in keys
