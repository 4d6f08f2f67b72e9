"""The last stage: covers the frames that are ready, and hands them to the recorder."""

import logging

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import NANOSECONDS
from anoncam.events.event import Event, emit
from anoncam.frames.pool import FramePool
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.window import Window
from anoncam.recording.recorder import Recorder

CALM = 1.0
"""Seconds of footage without a veiled frame after which a run of them is over: a detector that
answers too late gives a single clear frame with each answer."""


def record(
    window: Window, anonymizer: Anonymizer, recorder: Recorder, pool: FramePool, counts: Counters
) -> None:
    """Anonymize and record all frames of the window, in order, to the last.

    Raises:
        StorageError: what the recorder raised.
    """
    veil = _Veil()
    try:
        while (ready := window.next_ready()) is not None:
            frame, coverage = ready
            veil.watch(coverage.veil, frame.timestamp)
            try:
                footage = anonymizer.apply(frame, coverage)
                # What could not be covered is veiled, whatever the coverage says.
                counts.faces, counts.veil = footage.faces, footage.veil or veil.reason
                recorder.write(footage)
            finally:
                pool.release(frame)
            counts.recorded += 1
            counts.faces_covered += footage.faces
            counts.veiled += bool(footage.veil)
    finally:
        veil.end()


class _Veil:
    """Runs of veiled frames, told by one event when they begin and one when they are over.

    `reason` is why the newest veiled frame of the run is veiled; empty outside of a run.
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
