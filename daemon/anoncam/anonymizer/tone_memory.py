"""Remembers the tones of each key, so that they change smoothly from frame to frame."""

import math
from collections import OrderedDict
from collections.abc import Sequence

from anoncam.anonymizer.surroundings import FEW, Surroundings
from anoncam.anonymizer.tones import KEYS, Sides
from anoncam.clock import NANOSECONDS
from anoncam.frames.frame import Frame

TIME_CONSTANT = 1.0
"""Seconds in which a tone goes 63 % of the way to what can be seen around its box."""

LONGEST_PAUSE = 2.0
"""Seconds without a frame of a key after which it starts afresh."""


class ToneMemory:
    """The smoothed tones of the last `KEYS` keys.

    Time is that of the frames. Where it does not grow, all tones start afresh.
    """

    def __init__(self) -> None:
        self._known: OrderedDict[str, tuple[Sides, int]] = OrderedDict()
        self._timestamp = 0

    def clear(self) -> None:
        """Forget all tones."""
        self._known.clear()

    def smooth(self, keys: Sequence[str], around: Surroundings, frame: Frame) -> list[Sides]:
        """The tones (4, 3) of each key in `frame`: as before where nothing is visible around it.

        Nothing is remembered yet.
        """
        if frame.timestamp <= self._timestamp:
            return list(around.sides)
        return [
            self._smooth(key, sides, float(seen), frame.timestamp)
            for key, sides, seen in zip(keys, around.sides, around.seen, strict=True)
        ]

    def keep(self, keys: Sequence[str], tones: Sequence[Sides], frame: Frame) -> None:
        """Remember the tones of `frame`, each of shape (4, 3), once it is covered by them."""
        if frame.timestamp <= self._timestamp:
            self.clear()
        self._timestamp = frame.timestamp
        for key, sides in zip(keys, tones, strict=True):
            self._known[key] = sides, frame.timestamp
            self._known.move_to_end(key)
        while len(self._known) > KEYS:
            self._known.popitem(last=False)

    def _smooth(self, key: str, sides: Sides, seen: float, timestamp: int) -> Sides:
        before, then = self._known.get(key, (sides, timestamp))
        if not seen:
            return before
        seconds = (timestamp - then) / NANOSECONDS
        if seconds > LONGEST_PAUSE:
            return sides
        # The fewer samples, the slower.
        part = 1 - math.exp(-seconds / TIME_CONSTANT * seen / (seen + FEW))
        return before + part * (sides - before)
