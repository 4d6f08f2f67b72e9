"""What the tasks of one process share: the detector, the clock, and where progress is told."""

from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import replace

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.archive.task import RunSettings
from anoncam.clock import Stop, SystemClock
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.transcode import Work

MAX_FAILURES = 3
"""Failures of the detector in a row after which it is not started again."""


class Host:
    """A process that works on tasks, one after the other, until its stop is requested.

    `show` gets the number of frames of a task that are done.
    """

    def __init__(self, show: Callable[[int], None]) -> None:
        self.show = show
        self.clock = SystemClock()
        self.stop = Stop()
        self.is_over = False
        self._digest = ""
        self._work: Work | None = None

    def begin(self) -> None:
        """Begin a task: what has stopped the one before, as a full disk, is over."""
        self.stop = Stop()
        if self.is_over:
            self.stop.request()

    def end(self) -> None:
        """Stop the present task, and all that are begun later."""
        self.is_over = True
        self.stop.request()

    @contextmanager
    def detector(self, settings: RunSettings) -> Iterator[DetectorProcess]:
        """A detector that ends with the task."""
        config = settings.config
        with closing(DetectorProcess(config.detector, config.coverage.least_score)) as detector:
            yield detector

    def work(self, settings: RunSettings) -> Work:
        """What the whole files of a run share, a running detector among it."""
        has_failed = (
            self._work is not None
            and self._work.inference is not None
            and self._work.inference.failure is not None
        )
        if self._work is None or settings.digest != self._digest or has_failed:
            self.close()
            config, counters = settings.config, Counters()
            inference = InferenceStage(
                lambda: DetectorProcess(config.detector, config.coverage.least_score),
                counters=counters,
                max_failures=MAX_FAILURES,
            )
            inference.start()
            self._digest = settings.digest
            self._work = Work(
                config,
                Anonymizer(config.anonymizer),
                inference,
                counters,
                self.clock,
                self.stop,
                settings.keep_audio,
                settings.force,
            )
        return replace(self._work, stop=self.stop)

    def close(self) -> None:
        """End the detector; idempotent."""
        if self._work is not None and self._work.inference is not None:
            self._work.inference.close()
        self._work = None
