"""The second stage: asks the detector, and starts it again when it fails."""

import logging
import threading
import time
from collections.abc import Callable

from anoncam.detectors import Answer, Detector, DetectorInfo
from anoncam.errors import AnoncamError, CoralError, DetectorError
from anoncam.events import Event, emit
from anoncam.pipeline.counts import Counts
from anoncam.pipeline.window import UNANSWERED, Window
from anoncam.stop import Stop

BACK_OFF = (0.1, 0.25, 0.5, 1.0, 2.0)
"""Seconds before each further attempt to start the detector; the last one again and again."""

_WAIT = 0.05


class Examiner:
    """Runs the detector for one window after the other, in a thread that lives as long as the process.

    `patience` is how many failures in a row end the work (None: never): footage waits for a detector that heals,
    a command over files must not wait for one that does not.
    """

    def __init__(
        self, make: Callable[[], Detector], *, max_gap: float, counts: Counts, patience: int | None = None
    ) -> None:
        self.info: DetectorInfo | None = None
        self.latency = 0.0
        self.failure: AnoncamError | None = None
        self.up = threading.Event()
        self._make = make
        self._max_gap = max_gap
        self._counts = counts
        self._patience = patience
        self._failures = 0
        self._troubled = False
        self._late = False
        self._stop = Stop()
        self._changed = threading.Condition()
        self._window: Window | None = None
        self._replacement: tuple[Callable[[], Detector], Detector | None] | None = None
        self._thread = threading.Thread(target=self._run, name="examiner")

    def start(self) -> None:
        """Begin; the detector is started at once, so that it may be up before the first frame."""
        self._thread.start()

    def attach(self, window: Window) -> None:
        """Examine the frames of this window from now on."""
        with self._changed:
            self._window = window
            self._changed.notify()

    def replace(self, make: Callable[[], Detector], max_gap: float, ready: Detector | None) -> None:
        """Use another detector: `ready`, if it could be started beside the old one, else one from `make`."""
        self._max_gap = max_gap
        self._replacement = make, ready

    def close(self) -> None:
        """End the detector and the thread; idempotent."""
        self._stop.request()
        with self._changed:
            self._changed.notify()
        self._thread.join()

    def _run(self) -> None:
        detector: Detector | None = None
        while not self._stop.requested:
            try:
                if self._replacement is not None:
                    detector = self._swap(detector)
                if detector is None:
                    detector = self._start_detector()
                self._serve(detector)
            except Exception as error:  # whatever it is, frames are veiled and it is tried again
                self._fail(error)
                if detector is not None:
                    detector.close()
                detector = None
                self._stop.wait(BACK_OFF[min(self._failures, len(BACK_OFF)) - 1])
        if detector is not None:
            detector.close()

    def _swap(self, old: Detector | None) -> Detector | None:
        assert self._replacement is not None  # noqa: S101 - the caller has looked
        (self._make, ready), self._replacement = self._replacement, None
        if old is not None:
            old.close()
        if ready is not None:
            self._introduce(ready)
        return ready

    def _start_detector(self) -> Detector:
        detector = self._make()
        self._introduce(detector)
        return detector

    def _introduce(self, detector: Detector) -> None:
        if self.info != detector.info:
            self.info = info = detector.info
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
            if info.coral_problem:
                emit(Event.CORAL_UNUSABLE, info.coral_problem, level=logging.WARNING)
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
            window.unanswered()
            raise

    def _examine(self, detector: Detector, window: Window) -> None:
        depth = 1 if window.live else detector.depth
        under_way = 0
        asked_at = time.monotonic()
        while not self._stop.requested and (under_way or (self._replacement is None and self._window is window)):
            frame = None
            if under_way < depth and self._replacement is None:
                frame = window.next_due(0 if under_way else _WAIT)
            if frame is not None:
                detector.submit(frame, frame.timestamp)
                window.asked(frame)
                asked_at = time.monotonic() if not under_way else asked_at
                under_way += 1
            elif under_way:
                answer = detector.collect(_WAIT)
                self._watch_lateness(answer, time.monotonic() - asked_at, window)
                if answer is not None:
                    window.answered(answer)
                    self._recovered(answer, window)
                    under_way -= 1
                    asked_at = time.monotonic()
            elif window.finished:
                self._detach(window)

    def _detach(self, window: Window) -> None:
        with self._changed:
            if self._window is window:
                self._window = None

    def _watch_lateness(self, answer: Answer | None, waited: float, window: Window) -> None:
        if answer is None and waited > self._max_gap and not self._late and window.live:
            self._late = True
            text = f"the detector has not answered for {waited:.1f} s: what no answer covers is veiled"
            emit(Event.DETECTOR_LATE, text, level=logging.WARNING, seconds=round(waited, 3))

    def _recovered(self, answer: Answer, window: Window) -> None:
        self.latency = answer.latency
        self._counts.examined += 1
        self._failures = 0
        if self._troubled or (self._late and answer.latency <= self._max_gap):
            self._troubled = self._late = False
            window.veil_reason = UNANSWERED
            emit(Event.DETECTOR_BACK, "the detector answers again", latency=round(answer.latency, 4))

    def _fail(self, error: Exception) -> None:
        self._failures += 1
        self.up.set()
        known = isinstance(error, AnoncamError)
        if not self._troubled:
            self._troubled = True
            event = Event.CORAL_UNUSABLE if isinstance(error, CoralError) else Event.DETECTOR_DEAD
            emit(event, f"{error}: frames are veiled until it is back", level=logging.ERROR, exc_info=not known)
        window = self._window
        if window is not None:
            window.veil_reason = str(error)
        if self._patience is not None and self._failures >= self._patience:
            self.failure = error if isinstance(error, AnoncamError) else DetectorError(f"the detector failed: {error}")
            self._stop.request()
            if window is not None:
                window.abandon()
