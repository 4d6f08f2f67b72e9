"""The inference stage: asks the detector for results, and starts it again when it fails."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from anoncam.clock import Stop
from anoncam.detectors.detector import DetectionResult, Detector, DetectorInfo
from anoncam.errors import AnoncamError, DetectorError
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.detector_health import DetectorHealth
from anoncam.pipeline.window import NO_RESULT, Window

BACK_OFF = (0.1, 0.25, 0.5, 1.0, 2.0)
"""Seconds before each further attempt to start the detector; the last one is repeated."""

STEADY = 10.0
"""Seconds that a detector must have been up for its next failure to count as the first."""

_WAIT = 0.05

_JOIN_TIMEOUT = 1.0
"""Seconds that `close` waits for the thread. One that still starts a detector ends it later."""


@dataclass(frozen=True)
class _Replacement:
    make: Callable[[], Detector]
    ready: Detector | None


class InferenceStage:
    """Runs the detector for one window after the other, in a thread as long-lived as the process.

    After `max_failures` in a row it gives up (None: never). The daemon waits until the detector
    recovers; a command over files must come to an end. `heartbeat` is when the thread
    last showed that it lives (seconds, monotonic). A detector that starts or is silent delays it by
    no more than its timeouts.
    """

    def __init__(
        self, make: Callable[[], Detector], *, counters: Counters, max_failures: int | None = None
    ) -> None:
        self.latency = 0.0
        self.failure: AnoncamError | None = None
        self.up = threading.Event()
        self.heartbeat = time.monotonic()
        self._make = make
        self._counters = counters
        self._max_failures = max_failures
        self._health = DetectorHealth()
        self._failures = 0
        self._restarts = 0
        self._up_since = 0.0
        self._stop = Stop()
        self._changed = threading.Condition()
        self._window: Window | None = None
        self._replacement: _Replacement | None = None
        self._detector: Detector | None = None
        self._thread = threading.Thread(target=self._run, name="inference", daemon=True)

    def start(self) -> None:
        """Begin. The detector is started at once, so that it may be up before the first frame."""
        self._thread.start()

    def attach(self, window: Window) -> None:
        """Serve this window from now on, and abandon the one before it."""
        with self._changed:
            before, self._window = self._window, window
            window.veil_reason = self._health.failure or NO_RESULT
            is_over = self._stop.requested
            self._changed.notify()
        if before is not None:
            before.abandon()
        if is_over:
            window.abandon()

    @property
    def info(self) -> DetectorInfo | None:
        """Which detector runs, or ran last; None before the first one is up."""
        return self._health.info

    @property
    def make(self) -> Callable[[], Detector]:
        """What starts the detector, from the next start on."""
        with self._changed:
            return self._make if self._replacement is None else self._replacement.make

    def replace(
        self,
        make: Callable[[], Detector],
        ready: Detector | None,
        instead_of: Callable[[], Detector] | None = None,
    ) -> None:
        """Use another detector: `ready`, if it could be started beside the old one, or `make`.

        With `instead_of`, only if that is still what starts the detector.
        """
        superseded: _Replacement | None = _Replacement(make, ready)
        with self._changed:
            if not self._stop.requested and instead_of in (None, self.make):
                superseded, self._replacement = self._replacement, superseded
        _close_unused(superseded)

    def close(self) -> None:
        """End the detector and the thread, and abandon the window; idempotent."""
        self._end()
        if self._thread.is_alive():
            self._thread.join(_JOIN_TIMEOUT)

    def _end(self) -> None:
        with self._changed:
            self._stop.request()
            window, replacement, self._replacement = self._window, self._replacement, None
            self._changed.notify()
        if window is not None:
            window.abandon()
        _close_unused(replacement)

    def _run(self) -> None:
        try:
            while not self._stop.requested:
                self.heartbeat = time.monotonic()
                try:
                    self._serve(self._current_detector())
                except Exception as error:  # whatever it is, frames are veiled and it is retried
                    self._fail(error)
                    self._discard()
                    self._stop.wait(BACK_OFF[min(self._restarts, len(BACK_OFF)) - 1])
        finally:
            self._end()
            self._discard()

    def _current_detector(self) -> Detector:
        with self._changed:
            replacement, self._replacement = self._replacement, None
            self._make = self._make if replacement is None else replacement.make
        if replacement is not None:
            self._discard()
            self._detector = replacement.ready
        elif self._detector is not None:
            return self._detector
        self._detector = self._detector or self._make()
        self._health.started(self._detector.info)
        self._up_since = time.monotonic()
        self.up.set()
        return self._detector

    def _discard(self) -> None:
        detector, self._detector = self._detector, None
        if detector is None:
            return
        try:
            detector.close()
        except Exception:
            logging.getLogger(__name__).exception("the detector could not be ended")

    def _serve(self, detector: Detector) -> None:
        """Have frames inferred until there is something else to do."""
        with self._changed:
            self._changed.wait_for(lambda: self._window is not None or self._stop.requested, _WAIT)
            window = self._window
        if window is None:
            return
        try:
            self._infer(detector, window)
        except BaseException:
            window.withdraw()
            raise

    def _infer(self, detector: Detector, window: Window) -> None:
        is_under_way = False
        while not self._stop.requested:
            self.heartbeat = time.monotonic()
            goes_on = self._replacement is None and self._window is window
            frame = None
            if goes_on and not is_under_way:
                frame = window.next_to_infer(_WAIT)
            if frame is not None:
                detector.submit(frame, frame.timestamp)
                window.submitted(frame)
                is_under_way = True
            elif is_under_way:
                result = detector.collect(_WAIT)
                if result is not None:
                    window.add_result(result)
                    self._succeed(result, window)
                    is_under_way = False
            elif not goes_on:
                return
            elif window.finished:
                self._detach(window)

    def _detach(self, window: Window) -> None:
        with self._changed:
            if self._window is window:
                self._window = None

    def _succeed(self, result: DetectionResult, window: Window) -> None:
        self.latency = result.latency
        self._counters.inferred += 1
        self._failures = 0
        if time.monotonic() - self._up_since > STEADY:
            self._restarts = 0
        is_late = window.live and result.latency > window.max_gap
        window.veil_reason = NO_RESULT
        self._health.succeeded(result.latency, is_late=is_late)

    def _fail(self, error: Exception) -> None:
        self._failures += 1
        self._restarts += 1
        self._health.failed(error)
        with self._changed:
            if self._window is not None:
                self._window.veil_reason = self._health.failure
        if self._max_failures is not None and self._failures >= self._max_failures:
            text = f"the detector failed: {self._health.failure}"
            self.failure = error if isinstance(error, AnoncamError) else DetectorError(text)
            self._end()
        # Who waits for it asks at once why it is not up.
        self.up.set()


def _close_unused(replacement: _Replacement | None) -> None:
    if replacement is not None and replacement.ready is not None:
        replacement.ready.close()
