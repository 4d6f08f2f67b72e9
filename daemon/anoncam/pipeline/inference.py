"""The second stage: asks the detector, and starts it again when it fails."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass

from anoncam.clock import Stop
from anoncam.detectors.detector import DetectionResult, Detector, DetectorInfo
from anoncam.errors import AnoncamError, CoralError, DetectorError
from anoncam.events.event import Event, emit
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.window import NO_RESULT, Window

BACK_OFF = (0.1, 0.25, 0.5, 1.0, 2.0)
"""Seconds before each further attempt to start the detector; the last one again and again."""

STEADY = 10.0
"""Seconds that a detector must have been up for its next failure to be the first one again."""

_WAIT = 0.05

_LAST_WORD = 1.0
"""Seconds that the thread may take to end: one that still starts a detector ends it, and itself,
later."""


@dataclass(frozen=True)
class _Replacement:
    make: Callable[[], Detector]
    ready: Detector | None


class InferenceStage:
    """Runs the detector for one window after the other, in a thread that lives as long as the
    process.

    `patience` is how many failures in a row end the work (None: never): footage waits for a
    detector that heals, a command over files must not wait for one that does not. `beat` is when
    the thread last showed that it lives (seconds, monotonic); a detector that starts or is silent
    keeps it quiet no longer than it may take for that.
    """

    def __init__(
        self, make: Callable[[], Detector], *, counts: Counters, patience: int | None = None
    ) -> None:
        self.info: DetectorInfo | None = None
        self.latency = 0.0
        self.failure: AnoncamError | None = None
        self.up = threading.Event()
        self.beat = time.monotonic()
        self._make = make
        self._counts = counts
        self._patience = patience
        self._failures = 0
        self._restarts = 0
        self._up_since = 0.0
        self._trouble = ""
        self._late = False
        self._stop = Stop()
        self._changed = threading.Condition()
        self._window: Window | None = None
        self._replacement: _Replacement | None = None
        self._detector: Detector | None = None
        self._thread = threading.Thread(target=self._run, name="examiner", daemon=True)

    def start(self) -> None:
        """Begin; the detector is started at once, so that it may be up before the first frame."""
        self._thread.start()

    def attach(self, window: Window) -> None:
        """Examine the frames of this window from now on, and let go of the one before it."""
        with self._changed:
            before, self._window = self._window, window
            window.veil_reason = self._trouble or NO_RESULT
            over = self._stop.requested
            self._changed.notify()
        if before is not None:
            before.abandon()
        if over:
            window.abandon()

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
        """Use another detector: `ready`, if it could be started beside the old one, else one from
        `make`.

        With `instead_of`, only if that is still what starts the detector.
        """
        superseded: _Replacement | None = _Replacement(make, ready)
        with self._changed:
            if not self._stop.requested and instead_of in (None, self.make):
                superseded, self._replacement = self._replacement, superseded
        _close_unused(superseded)

    def close(self) -> None:
        """End the detector and the thread, and let go of the window; idempotent."""
        self._end()
        if self._thread.is_alive():
            self._thread.join(_LAST_WORD)

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
                self.beat = time.monotonic()
                try:
                    self._serve(self._current_detector())
                except (
                    Exception
                ) as error:  # whatever it is, frames are veiled and it is tried again
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
        self._introduce(self._detector)
        return self._detector

    def _discard(self) -> None:
        detector, self._detector = self._detector, None
        if detector is None:
            return
        try:
            detector.close()
        except Exception:
            logging.getLogger(__name__).exception("the detector could not be ended")

    def _introduce(self, detector: Detector) -> None:
        if self.info != detector.info:
            before, self.info = self.info, detector.info
            info = detector.info
            emit(
                Event.DETECTOR_UP,
                f"detector {info.model} runs on {info.device} with {info.runtime}, because {info.reason}",
                model=info.model,
                sha256=info.sha256,
                input="x".join(map(str, info.input_size)),
                device=info.device,
                reason=info.reason,
                runtime=info.runtime,
            )
            if info.coral_problem and not (before and before.coral_problem):
                text = f"{info.coral_problem}: the processor does its work until it is back"
                emit(Event.CORAL_UNUSABLE, text, level=logging.WARNING)
            elif before and before.coral_problem and info.device == "coral":
                emit(Event.CORAL_BACK, "the Coral answers again, and does the processor's work")
        self._up_since = time.monotonic()
        self.up.set()

    def _serve(self, detector: Detector) -> None:
        """Examine until there is something else to do."""
        with self._changed:
            self._changed.wait_for(lambda: self._window is not None or self._stop.requested, _WAIT)
            window = self._window
        if window is None:
            return
        try:
            self._examine(detector, window)
        except BaseException:
            window.withdraw()
            raise

    def _examine(self, detector: Detector, window: Window) -> None:
        depth = 1 if window.live else detector.depth
        under_way = 0
        while not self._stop.requested:
            self.beat = time.monotonic()
            goes_on = self._replacement is None and self._window is window
            frame = None
            if goes_on and under_way < depth:
                frame = window.next_to_infer(0 if under_way else _WAIT)
            if frame is not None:
                detector.submit(frame, frame.timestamp)
                window.submitted(frame)
                under_way += 1
            elif under_way:
                answer = detector.collect(_WAIT)
                if answer is not None:
                    window.add_result(answer)
                    self._note(answer, window)
                    under_way -= 1
            elif not goes_on:
                return
            elif window.finished:
                self._detach(window)

    def _detach(self, window: Window) -> None:
        with self._changed:
            if self._window is window:
                self._window = None

    def _note(self, answer: DetectionResult, window: Window) -> None:
        """Count the answer, and tell what it shows of the detector: that it is late, or well again.

        One that does not answer at all is told when it is given up, not before: each trouble is one
        event.
        """
        self.latency = answer.latency
        self._counts.inferred += 1
        self._failures = 0
        if time.monotonic() - self._up_since > STEADY:
            self._restarts = 0
        late = window.live and answer.latency > window.max_gap
        if self._trouble or (self._late and not late):
            self._trouble, self._late = "", False
            window.veil_reason = NO_RESULT
            emit(
                Event.DETECTOR_BACK, "the detector answers again", latency=round(answer.latency, 4)
            )
        elif late and not self._late:
            self._late = True
            text = f"the detector takes {answer.latency:.1f} s for an answer: what no answer covers is veiled"
            emit(Event.DETECTOR_LATE, text, level=logging.WARNING, seconds=round(answer.latency, 3))

    def _fail(self, error: Exception) -> None:
        self._failures += 1
        self._restarts += 1
        self.up.set()
        reason = str(error) or type(error).__name__
        if not isinstance(error, AnoncamError):
            logging.getLogger(__name__).error(
                "the detector failed in an unknown way", exc_info=error
            )
        if not self._trouble:
            event = Event.CORAL_UNUSABLE if isinstance(error, CoralError) else Event.DETECTOR_DEAD
            emit(
                event,
                f"{reason}: frames are veiled until it is back",
                level=logging.ERROR,
                reason=reason,
            )
        with self._changed:
            self._trouble = reason
            if self._window is not None:
                self._window.veil_reason = reason
        if self._patience is not None and self._failures >= self._patience:
            self.failure = (
                error
                if isinstance(error, AnoncamError)
                else DetectorError(f"the detector failed: {reason}")
            )
            self._end()


def _close_unused(replacement: _Replacement | None) -> None:
    if replacement is not None and replacement.ready is not None:
        replacement.ready.close()
