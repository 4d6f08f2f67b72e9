import io

import pytest

from anoncam.segments.mp4_boxes import seal, walk, whole_length


def box(kind: bytes, content: bytes = b"") -> bytes:
    return (8 + len(content)).to_bytes(4) + kind + content


def sealed(data: bytes) -> bytes:
    return data + seal(data)


HEADER = box(b"ftyp", b"iso5") + box(b"moov", bytes(40))
FRAGMENT = box(b"moof", bytes(20)) + box(b"mdat", bytes(range(1, 60)))
FIRST, NEXT = sealed(HEADER + FRAGMENT), sealed(FRAGMENT)


def whole(data: bytes) -> int:
    return whole_length(io.BytesIO(data), len(data))


def test_every_torn_length_is_cut_to_the_last_whole_fragment() -> None:
    data = FIRST + NEXT * 2
    for length in range(len(data) + 1):
        after_first = length - len(FIRST)
        assert whole(data[:length]) == (
            0 if after_first < 0 else len(FIRST) + after_first // len(NEXT) * len(NEXT)
        )


@pytest.mark.parametrize("length", [1, 7, 30])
def test_a_block_that_was_never_written_cuts_off_its_fragment_and_all_after_it(
    length: int,
) -> None:
    data = FIRST + NEXT * 2
    for start in range(len(data) - length):
        torn = data[:start] + bytes(length) + data[start + length :]
        changed = next(
            (
                place
                for place, pair in enumerate(zip(torn, data, strict=True))
                if pair[0] != pair[1]
            ),
            None,
        )
        if changed is not None:
            assert whole(torn) == max(
                end for end in (0, len(FIRST), len(FIRST + NEXT)) if end <= changed
            )


def test_data_without_a_seal_is_not_whole() -> None:
    assert whole(HEADER + FRAGMENT) == 0
    assert whole(FIRST + FRAGMENT) == len(FIRST)
    assert whole(FIRST + box(b"free", b"somebody's") + FRAGMENT) == len(FIRST)
    assert whole(b"") == 0
    assert whole(b"not a film at all, but long enough to look at") == 0


def test_a_seal_is_right_for_data_of_any_length() -> None:
    data = sealed(box(b"mdat", bytes(range(256)) * (5 << 12)))
    assert whole(data) == len(data)


def test_a_long_size_is_understood() -> None:
    content = bytes(30)
    long = (1).to_bytes(4) + b"mdat" + (16 + len(content)).to_bytes(8) + content
    data = sealed(HEADER + box(b"moof", bytes(20)) + long)
    assert whole(data) == len(data)


def test_a_size_smaller_than_its_own_header_ends_the_walk() -> None:
    data = HEADER + (3).to_bytes(4) + b"moof" + bytes(50)
    assert [found.kind for found in walk(io.BytesIO(data), len(data))] == [b"ftyp", b"moov"]
