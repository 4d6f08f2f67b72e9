"""Tones of a file whose chunks may be covered apart from each other, with the same result."""

from collections.abc import Sequence

from anoncam.anonymizer.surroundings import Surroundings
from anoncam.anonymizer.tone_memory import ToneMemory
from anoncam.anonymizer.tones import Sides
from anoncam.frames.chunk import LEAD_IN, chunk_of
from anoncam.frames.frame import Frame


class ChunkMemory:
    """A `ToneMemory` that knows nothing from before its chunk and the lead-in of that.

    Each chunk has a memory of its own, which follows the frames from the lead-in on. Five seconds
    are five time constants: where it takes over, a tone steps by less than a hundredth of what has
    changed before.
    """

    def __init__(self) -> None:
        self.clear()

    def clear(self) -> None:
        """Forget all tones."""
        self._chunk: int | None = None
        self._memory = ToneMemory()
        self._next: ToneMemory | None = None
        self._next_tones: list[Sides] = []

    def smooth(self, keys: Sequence[str], around: Surroundings, frame: Frame) -> list[Sides]:
        """The tones (4, 3) of each key in `frame`, as `ToneMemory.smooth` says."""
        self._follow(frame.timestamp)
        if self._next is not None:
            self._next_tones = self._next.smooth(keys, around, frame)
        return self._memory.smooth(keys, around, frame)

    def keep(self, keys: Sequence[str], tones: Sequence[Sides], frame: Frame) -> None:
        """Remember the tones of `frame`, each of shape (4, 3), once it is covered by them."""
        self._memory.keep(keys, tones, frame)
        if self._next is not None:
            self._next.keep(keys, self._next_tones[: len(keys)], frame)

    def _follow(self, timestamp: int) -> None:
        chunk, upcoming = chunk_of(timestamp), chunk_of(timestamp + LEAD_IN)
        if self._chunk is not None and chunk != self._chunk:
            is_next = self._next is not None and chunk == self._chunk + 1
            self._memory = self._next if self._next and is_next else ToneMemory()
            self._next = None
        self._chunk = chunk
        if upcoming != chunk and self._next is None:
            self._next = ToneMemory()
