"""All stages around one window, as long as one source lasts."""

import threading
from collections.abc import Callable

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import Clock, Stop
from anoncam.config.schema import Config
from anoncam.frames.pool import FramePool
from anoncam.pipeline.capture import capture
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.pool_size import largest_pool_size, pool_size
from anoncam.pipeline.record import Decide, as_tracked, record
from anoncam.pipeline.window import Window
from anoncam.recording.recorder import Recorder
from anoncam.sources.source import Source


class Pipeline:
    """Moves the frames of one source to one recorder.

    Without `inference` nothing is detected: what no other `decide` covers is veiled.

    >>> counters, clock = Counters(), SystemClock()
    >>> pipeline = Pipeline(source, recorder, anonymizer, inference, config, counters, clock, stop)
    >>> pipeline.run()

    `frames` is how many the source has at most, if that is known and they all fit into memory.
    """

    def __init__(
        self,
        source: Source,
        recorder: Recorder,
        anonymizer: Anonymizer,
        inference: InferenceStage | None,
        config: Config,
        counters: Counters,
        clock: Clock,
        stop: Stop,
        decide: Decide = as_tracked,
        frames: int | None = None,
    ) -> None:
        self._source = source
        self._recorder = recorder
        self._anonymizer = anonymizer
        self._config = config
        self._counters = counters
        self._clock = clock
        self._stop = stop
        self._decide = decide
        self._errors: list[BaseException] = []
        count = pool_size(float(source.format.frame_rate), config, live=source.live)
        most = largest_pool_size(source.format, config, live=source.live)
        if frames is not None:
            count = most = frames
        self._pool = FramePool(source.format, count, most=most)
        self.window = Window(config, live=source.live, clock=clock)
        if inference is None:
            self.window.abandon()
        else:
            inference.attach(self.window)

    def run(self) -> None:
        """Record all frames until the source ends, a stop is requested or a stage fails.

        Raises:
            InputError: the source broke; what it gave before is recorded.
            StorageError: the recorder failed.
        """
        capturing = threading.Thread(target=self._guard, args=(self._capture,), name="capture")
        capturing.start()
        self._guard(self._record)
        self._guard(self._recorder.finish)
        self._source.close()
        capturing.join()
        self._give_back()
        if self._errors:
            raise self._errors[0]

    def _capture(self) -> None:
        try:
            capture(
                self._source,
                self._pool,
                self.window,
                self._config,
                self._counters,
                self._clock,
                self._stop,
            )
        finally:
            self.window.end()
            if self._stop.requested and not self._source.live:
                # A file that is stopped half-way need not wait for the detector.
                self.window.abandon()

    def _record(self) -> None:
        try:
            record(
                self.window,
                self._anonymizer,
                self._recorder,
                self._pool,
                self._counters,
                self._decide,
            )
        except BaseException:
            self._stop.request()
            raise

    def _give_back(self) -> None:
        """Return to the pool what a recorder that failed has left, unrecorded."""
        self.window.abandon()
        while (left := self.window.next_ready()) is not None:
            self._pool.release(left[0])

    def _guard(self, stage: Callable[[], None]) -> None:
        try:
            stage()
        except BaseException as error:  # the other stage must end too; `run` raises it again
            self._errors.append(error)
