"""Changes bytes at random; the same seed gives the same changes."""

import random
from collections.abc import Callable

_NUMBERS = (0, 1, 0x7F, 0x80, 0xFF, 0x7FFF, 0x8000, 0xFFFF, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)
_LENGTHS = (1, 2, 4, 8)
_TEXTS = (b"\0", b"\n", b"\r\n", b'"', b"\\", b"{", b"[", b"e999", b"-1", b"\x1b]0;x\7", b"\xff")


def mutate(data: bytes, others: list[bytes], seed: int) -> bytes:
    """`data` with a few changes; pieces of `others` may come in."""
    chance = random.Random(seed)
    result = bytearray(data)
    for _ in range(chance.choice((1, 1, 2, 4, 16))):
        chance.choice(_CHANGES)(result, others, chance)
    return bytes(result)


def _place(data: bytearray, chance: random.Random) -> int:
    # Most of what decides how a file is read stands at its beginning.
    most = len(data) if chance.random() < 0.5 else min(len(data), 512)
    return chance.randrange(most + 1)


def _flip(data: bytearray, _: list[bytes], chance: random.Random) -> None:
    if data:
        data[_place(data, chance) % len(data)] ^= 1 << chance.randrange(8)


def _number(data: bytearray, _: list[bytes], chance: random.Random) -> None:
    place, length = _place(data, chance), chance.choice(_LENGTHS)
    number = chance.choice(_NUMBERS) & ((1 << 8 * length) - 1)
    data[place : place + length] = number.to_bytes(length, chance.choice(("big", "little")))


def _cut(data: bytearray, _: list[bytes], chance: random.Random) -> None:
    del data[_place(data, chance) :]


def _remove(data: bytearray, _: list[bytes], chance: random.Random) -> None:
    place = _place(data, chance)
    del data[place : place + chance.randrange(1, 64)]


def _repeat(data: bytearray, _: list[bytes], chance: random.Random) -> None:
    place = _place(data, chance)
    piece = bytes(data[place : place + chance.randrange(1, 256)])
    data[place:place] = piece * chance.choice((1, 2, 50))


def _insert(data: bytearray, _: list[bytes], chance: random.Random) -> None:
    place = _place(data, chance)
    data[place:place] = chance.choice(_TEXTS)


def _splice(data: bytearray, others: list[bytes], chance: random.Random) -> None:
    other = chance.choice(others)
    place, begin = _place(data, chance), chance.randrange(len(other) + 1)
    data[place : place + 64] = other[begin : begin + 64]


_CHANGES: tuple[Callable[[bytearray, list[bytes], random.Random], None], ...] = (
    *(_flip, _number, _number, _cut, _remove, _repeat, _insert, _splice),
)
