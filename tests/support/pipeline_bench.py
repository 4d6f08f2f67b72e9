"""A pipeline with its threads, pool and anonymizer; only the two ends are in memory."""

import threading
from collections.abc import Callable

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import Stop
from anoncam.config.schema import AnonymizerSettings, Config
from anoncam.detectors.detector import Detector
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.pipeline import Pipeline
from tests.support import fakes
from tests.support.frames import FakeClock

SOON = 30.0


Make = Callable[[], Detector]


class TickingClock(FakeClock):
    """A clock that goes on whenever somebody looks at it, so that no test waits for it."""

    def __init__(self, step: float = 0.002) -> None:
        super().__init__()
        self._step = step

    def monotonic(self) -> int:
        self.advance(self._step)
        return self.nanoseconds

    def go_on(self, step: float) -> None:
        """Go on by so many seconds with each look from now on."""
        self._step = step


class Bench:
    """A pipeline, and all that it needs."""

    def __init__(
        self,
        source: fakes.MemorySource,
        make: Make,
        *,
        recorder: fakes.MemoryRecorder | None = None,
        max_failures: int | None = None,
        clock: FakeClock | None = None,
        **settings: object,
    ) -> None:
        self.source = source
        self.recorder = recorder or fakes.MemoryRecorder()
        self.counters = Counters()
        self.stop = Stop()
        self.config = Config.model_validate(settings)
        self.inference = InferenceStage(make, counters=self.counters, max_failures=max_failures)
        self.inference.start()
        self.inference.up.wait(SOON)
        self.pipeline = Pipeline(
            source,
            self.recorder,
            Anonymizer(AnonymizerSettings()),
            self.inference,
            self.config,
            self.counters,
            clock or TickingClock(),
            self.stop,
        )
        self.error: BaseException | None = None
        self._thread = threading.Thread(target=self._run)

    def _run(self) -> None:
        try:
            self.pipeline.run()
        except Exception as error:
            self.error = error

    def begin(self) -> None:
        """Run in a thread."""
        self._thread.start()

    def run(self) -> None:
        """Run to the end."""
        self.begin()
        self.end()

    def end(self) -> None:
        """Wait for the end, after which no frame is anywhere but in the pool."""
        self._thread.join(SOON)
        assert not self._thread.is_alive(), "the pipeline hangs"
        pool = self.pipeline._pool
        assert pool.free == pool.count, "frames are missing from the pool"
        assert self.recorder.finished >= 1
        assert all(capture.closed for capture in self.source.captures)
        assert self.source.closed

    @staticmethod
    def wait_until(happened: Callable[[], bool]) -> None:
        """Wait for what no event reports."""
        for _ in range(30_000):
            if happened():
                return
            threading.Event().wait(0.001)
        raise AssertionError("it never happened")

    @property
    def recorded(self) -> list[int]:
        return [frame.timestamp for frame in self.recorder.frames]

    @property
    def clear(self) -> list[int]:
        return [frame.timestamp for frame in self.recorder.frames if frame.is_clear]
