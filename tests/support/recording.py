"""A recorder under test: frames for it, and what it left on the disk."""

import threading
from collections.abc import Callable
from pathlib import Path

import av

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import RecordingSettings
from anoncam.recording.retention import Retention
from anoncam.recording.segment_recorder import SegmentRecorder
from tests.support.frames import FakeClock, moving, small_format

LONG_SEGMENTS = RecordingSettings(encoder="libx264", segment_length=60)


class Camera:
    """Gives frames to a recorder, ten a second."""

    def __init__(self, folder: Path) -> None:
        self.clock = FakeClock()
        self.recorder = SegmentRecorder(LONG_SEGMENTS, small_format(), folder, self.clock)
        self._index = 0

    def film(self, frames: int) -> None:
        """Give that many frames."""
        for _ in range(frames):
            self.recorder.write(moving(small_format(), self._index * NANOSECONDS // 10))
            self._index += 1

    def film_until(self, condition: Callable[[], bool]) -> None:
        """Go on, a second at a time, at the pace of the storage thread."""
        tick = threading.Event()
        for _ in range(600):
            if condition():
                return
            self.film(10)
            tick.wait(0.02)
        raise AssertionError(f"it did not happen: {self.recorder.facts}")

    def at_rest(self, state: str) -> bool:
        """Whether the storage thread has nothing to do and is in that state."""
        return self.recorder.facts.state == state and self.recorder._storage._queue.idle


def frames_in(file: Path) -> int:
    """The frames that play."""
    with av.open(str(file)) as container:
        return len(list(container.decode(video=0)))


def roomy(folder: Path) -> Retention:
    """Retention on a disk that is never full, whatever the machine's own is."""
    return Retention(folder, FakeClock(), free=lambda _: 10**15)
