"""Snapshots on request: the next anonymized frame that is recorded, as a JPEG."""

import logging
import threading
from dataclasses import dataclass
from typing import Protocol

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.recording.picture_writer import encode_jpeg
from anoncam.recording.recorder import Recorder


@dataclass(frozen=True)
class Snapshot:
    """A JPEG; or, with an empty one, the `problem` that prevented it."""

    jpeg: bytes
    problem: str = ""


class Snapshots:
    """Passes a recorded frame from the recorder's thread to the thread that wants a snapshot.

    >>> snapshot = snapshots.take(timeout=5)
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._wanted = False
        self._taken: Snapshot | None = None

    def take(self, timeout: float) -> Snapshot | None:
        """The next frame; None if none is recorded within `timeout` seconds.

        For one thread at a time.
        """
        with self._condition:
            self._taken, self._wanted = None, True
            self._condition.wait_for(lambda: self._taken is not None, timeout)
            self._wanted = False
            return self._taken

    def offer(self, frame: AnonymizedFrame) -> None:
        """Encode the frame, if a snapshot is wanted."""
        if not self._wanted:
            return
        try:
            taken = Snapshot(encode_jpeg(frame))
        except Exception as error:  # whatever it is, recording goes on
            logging.getLogger(__name__).exception("a snapshot could not be made")
            taken = Snapshot(b"", f"the picture could not be made: {error or type(error).__name__}")
        with self._condition:
            self._taken, self._wanted = taken, False
            self._condition.notify_all()


class Taker(Protocol):
    """Whoever may want a picture of a recorded frame."""

    def offer(self, frame: AnonymizedFrame) -> None:
        """Encode the frame, if a picture is wanted; raises nothing."""
        ...


class RecorderWithSnapshots:
    """A recorder that offers each frame it has written to all `takers`."""

    def __init__(self, recorder: Recorder, *takers: Taker) -> None:
        self._recorder = recorder
        self._takers = takers

    def write(self, frame: AnonymizedFrame) -> None:
        """Record the frame, and offer it as a snapshot."""
        self._recorder.write(frame)
        for taker in self._takers:
            taker.offer(frame)

    def finish(self) -> None:
        """Finish the recorder."""
        self._recorder.finish()
