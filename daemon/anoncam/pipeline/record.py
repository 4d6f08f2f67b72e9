"""The recording stage: anonymizes the frames that are ready, and hands them to the recorder."""

import logging
from collections.abc import Callable

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import NANOSECONDS
from anoncam.events.event import Event, emit
from anoncam.frames.frame import Frame
from anoncam.frames.pool import FramePool
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.window import Window
from anoncam.recording.recorder import Recorder
from anoncam.tracking.coverage import Coverage

CALM = 1.0
"""Seconds of footage without a veiled frame after which a run of veiled frames is over: a detector
that is too slow leaves one clear frame with each result."""


Decide = Callable[[Frame, Coverage], Coverage]
"""What to cover in a frame, given what the window says."""


def as_tracked(_frame: Frame, coverage: Coverage) -> Coverage:
    """Cover what the window says."""
    return coverage


def record(
    window: Window,
    anonymizer: Anonymizer,
    recorder: Recorder,
    pool: FramePool,
    counters: Counters,
    decide: Decide = as_tracked,
) -> None:
    """Anonymize and record all frames of the window, in order, to the last.

    `decide` has the last word on what is covered.

    Raises:
        StorageError: what the recorder raised.
    """
    veil = _Veil()
    anonymizer.begin(in_chunks=not window.live)
    try:
        while (ready := window.next_ready()) is not None:
            frame, coverage = ready
            try:
                coverage = decide(frame, coverage)
                veil.watch(coverage.veil, frame.timestamp)
                footage = anonymizer.apply(frame, coverage)
                # The anonymizer veils what it could not cover, whatever the coverage is.
                counters.faces, counters.veil = footage.faces, footage.veil or veil.reason
                recorder.write(footage)
            finally:
                pool.release(frame)
            counters.recorded += 1
            counters.faces_covered += footage.faces
            counters.veiled += bool(footage.veil)
    finally:
        veil.end("no frame follows")


class _Veil:
    """Runs of veiled frames: one event reports the begin of each, another one its end.

    `reason` is that of the newest veiled frame of the run; it is empty outside of a run.
    """

    def __init__(self) -> None:
        self.reason = ""
        self._frames = 0
        self._last = 0

    def watch(self, reason: str, timestamp: int) -> None:
        if reason:
            if not self._frames:
                text = f"frames are veiled: {reason}"
                emit(
                    Event.VEIL_BEGAN,
                    text,
                    level=logging.WARNING,
                    reason=reason,
                    timestamp=timestamp,
                )
            self.reason = reason
            self._frames += 1
            self._last = timestamp
        elif timestamp - self._last > CALM * NANOSECONDS:
            self.end("frames are clear again")

    def end(self, what: str) -> None:
        if self._frames:
            emit(
                Event.VEIL_ENDED,
                f"{what}, after {self._frames} veiled ones",
                frames=self._frames,
            )
            self.reason, self._frames = "", 0
