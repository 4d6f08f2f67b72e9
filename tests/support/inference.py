"""Detectors that fail on request, and windows for an inference stage."""

import threading
from collections.abc import Callable

from anoncam.clock import Stop
from anoncam.config.schema import Config
from anoncam.detectors.detector import Detector
from anoncam.detectors.simulated import Reaction, SimulatedDetector
from anoncam.frames.frame import Frame, tight
from anoncam.pipeline.window import Window
from tests.support.frames import FakeClock, blank

SOON = 30.0


class Waits(Stop):
    """A stop that is waited for without waiting, and remembers for how long."""

    def __init__(self) -> None:
        super().__init__()
        self.seconds: list[float] = []

    def wait(self, seconds: float) -> bool:
        self.seconds.append(seconds)
        return self.requested


class Makes:
    """Makes detectors: from each of `makers` once, then from the last one again and again."""

    def __init__(self, *makers: Callable[[], Detector] | Exception) -> None:
        self._makers = makers
        self.made: list[SimulatedDetector] = []
        self.calls = 0
        self._changed = threading.Condition()

    def __call__(self) -> Detector:
        with self._changed:
            maker = self._makers[min(self.calls, len(self._makers) - 1)]
            self.calls += 1
            self._changed.notify_all()
        if isinstance(maker, Exception):
            raise maker
        detector = maker()
        assert isinstance(detector, SimulatedDetector)
        self.made.append(detector)
        return detector

    def wait_for(self, calls: int) -> None:
        with self._changed:
            assert self._changed.wait_for(lambda: self.calls >= calls, SOON)


def frame_at(timestamp: int) -> Frame:
    frame = blank(tight(64, 48))
    frame.timestamp = timestamp
    return frame


def window_of(*timestamps: int, live: bool = False, max_gap: float = 0.5) -> Window:
    config = Config.model_validate({"detector": {"rate": 0, "max_gap": max_gap}})
    window = Window(config, live=live, clock=FakeClock())
    for timestamp in timestamps:
        window.put(frame_at(timestamp))
    return window


def drain(window: Window) -> list[str]:
    """End it; the veils of its frames."""
    window.end()
    veils = []
    while (ready := window.next_ready()) is not None:
        veils.append(ready[1].veil)
    return veils


def dies_at(deadly: int, error: str = "it died") -> Callable[[], SimulatedDetector]:
    return lambda: SimulatedDetector(
        lambda _, timestamp: Reaction(error=error if timestamp == deadly else "")
    )
