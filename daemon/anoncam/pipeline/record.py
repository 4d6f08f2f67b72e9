"""The recording stage: anonymizes the frames that are ready, and hands them to the recorder."""

import logging

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import NANOSECONDS
from anoncam.events.event import Event, emit
from anoncam.frames.pool import FramePool
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.window import Window
from anoncam.recording.recorder import Recorder

CALM = 1.0
"""Seconds of footage without a veiled frame after which a run of veiled frames is over: a detector
that is too slow leaves one clear frame with each result."""


def record(
    window: Window, anonymizer: Anonymizer, recorder: Recorder, pool: FramePool, counters: Counters
) -> None:
    """Anonymize and record all frames of the window, in order, to the last.

    Raises:
        StorageError: what the recorder raised.
    """
    veil = _Veil()
    anonymizer.begin()
    try:
        while (ready := window.next_ready()) is not None:
            frame, coverage = ready
            veil.watch(coverage.veil, frame.timestamp)
            try:
                footage = anonymizer.apply(frame, coverage)
                # The anonymizer veils what it could not cover, whatever the coverage says.
                counters.faces, counters.veil = footage.faces, footage.veil or veil.reason
                recorder.write(footage)
            finally:
                pool.release(frame)
            counters.recorded += 1
            counters.faces_covered += footage.faces
            counters.veiled += bool(footage.veil)
    finally:
        veil.end()


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
            self.end()

    def end(self) -> None:
        if self._frames:
            emit(
                Event.VEIL_ENDED,
                f"frames are clear again, after {self._frames} veiled ones",
                frames=self._frames,
            )
            self.reason, self._frames = "", 0
