"""A media file that is somewhere else, and of which ranges are fetched when libav reads them."""

from collections import OrderedDict
from collections.abc import Callable
from typing import BinaryIO

from anoncam.sources.libav.open_file import OpenFile
from anoncam.stores.place import Place

BLOCK = 1 << 20
"""Bytes that are fetched at once, from a multiple of it on."""

_MOST_BLOCKS = 8
"""Blocks that are kept: libav goes to and fro between an index, the sound and the pictures."""


class RangedFile(OpenFile):
    """A file of `size` bytes; `fetch` gives a number of them, at most `BLOCK`, from a place on.

    It keeps a few blocks in memory.
    """

    def __init__(self, path: Place, size: int, fetch: Callable[[int, int], bytes]) -> None:
        super().__init__(path, -1)
        self._size = size
        self._fetch = fetch
        self._blocks: OrderedDict[int, bytes] = OrderedDict()

    @property
    def size(self) -> int:
        """Bytes."""
        return self._size

    def read_at(self, count: int, place: int) -> bytes:
        """Read up to `count` bytes from `place` on; none at the end."""
        if place >= self._size:
            return b""
        number, inside = divmod(place, BLOCK)
        return self._block(number)[inside : inside + count]

    def for_libav(self) -> tuple[BinaryIO, dict[str, str]]:
        """What libav opens, and its options: it may open nothing by itself."""
        return self.open(), {"protocol_whitelist": "none"}

    def _block(self, number: int) -> bytes:
        if number not in self._blocks:
            place = number * BLOCK
            self._blocks[number] = self._fetch(place, min(BLOCK, self._size - place))
            if len(self._blocks) > _MOST_BLOCKS:
                self._blocks.popitem(last=False)
        self._blocks.move_to_end(number)
        return self._blocks[number]
