import io

from anoncam.recording.boxes import walk, whole_length


def box(kind: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4) + kind + content


def unit(size: int) -> bytes:
    return size.to_bytes(4) + b"\x65" + bytes(size - 1)


HEADER = box(b"ftyp", b"iso5") + box(b"moov", bytes(40))
FRAGMENT = box(b"moof", bytes(20)) + box(b"mdat", unit(30) + unit(7))


def whole(data: bytes) -> int:
    return whole_length(io.BytesIO(data), len(data))


def test_every_torn_length_is_cut_to_the_last_whole_fragment() -> None:
    data = HEADER + FRAGMENT * 3
    for length in range(len(data) + 1):
        fragments = max(0, length - len(HEADER)) // len(FRAGMENT)
        assert whole(data[:length]) == (len(HEADER) + fragments * len(FRAGMENT) if fragments else 0)


def test_a_last_fragment_that_was_never_written_is_cut_off() -> None:
    empty = box(b"moof", bytes(20)) + box(b"mdat", bytes(41))
    assert whole(HEADER + FRAGMENT + empty) == len(HEADER + FRAGMENT)
    assert whole(HEADER + FRAGMENT + bytes(100)) == len(HEADER + FRAGMENT)
    torn = FRAGMENT[:-7] + bytes(7)
    assert whole(HEADER + FRAGMENT + torn[:-11] + bytes(11)) == len(HEADER + FRAGMENT)


def test_data_without_its_moof_is_no_fragment() -> None:
    assert whole(HEADER + box(b"mdat", unit(30))) == 0
    assert whole(b"") == 0
    assert whole(b"not a film at all, but long enough to look at") == 0


def test_a_long_size_is_understood() -> None:
    content = unit(30)
    long = (1).to_bytes(4) + b"mdat" + (16 + len(content)).to_bytes(8) + content
    data = HEADER + box(b"moof", bytes(20)) + long
    assert whole(data) == len(data)


def test_a_size_smaller_than_its_own_header_ends_the_walk() -> None:
    data = HEADER + (3).to_bytes(4) + b"moof" + bytes(50)
    assert [found.kind for found in walk(io.BytesIO(data), len(data))] == [b"ftyp", b"moov"]
