"""The last stage: covers the frames that are ready, and hands them to the recorder."""

import logging

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.coverage import Coverage
from anoncam.events import Event, emit
from anoncam.pipeline.counts import Counts
from anoncam.pipeline.window import Window
from anoncam.pool import FramePool
from anoncam.recording import Recorder


def record(window: Window, anonymizer: Anonymizer, recorder: Recorder, pool: FramePool, counts: Counts) -> None:
    """Anonymize and record all frames of the window, in order, to the last.

    Raises:
        StorageError: what the recorder raised.
    """
    veil = _Veil()
    try:
        while (ready := window.next_ready()) is not None:
            frame, coverage = ready
            veil.watch(coverage, frame.timestamp)
            try:
                footage = anonymizer.apply(frame, coverage)
                # What could not be covered is veiled, whatever the coverage says.
                counts.faces, counts.veil = footage.faces, footage.veil
                recorder.write(footage)
            finally:
                pool.release(frame)
            counts.recorded += 1
            counts.faces_covered += counts.faces
            counts.veiled += bool(counts.veil)
    finally:
        veil.end()


class _Veil:
    """Runs of veiled frames, told by one event when they begin and one when they are over."""

    def __init__(self) -> None:
        self._frames = 0

    def watch(self, coverage: Coverage, timestamp: int) -> None:
        if not coverage.veil:
            self.end()
            return
        if not self._frames:
            text = f"frames are veiled: {coverage.veil}"
            emit(Event.VEIL_BEGAN, text, level=logging.WARNING, reason=coverage.veil, timestamp=timestamp)
        self._frames += 1

    def end(self) -> None:
        if self._frames:
            emit(Event.VEIL_ENDED, f"frames are clear again, after {self._frames} veiled ones", frames=self._frames)
            self._frames = 0
