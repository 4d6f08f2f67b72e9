"""Pictures of now, on request: the next anonymized frame on its way to the disk, as a JPEG."""

import logging
import threading
from dataclasses import dataclass

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.recording.picture_writer import encode_jpeg
from anoncam.recording.recorder import Recorder


@dataclass(frozen=True)
class Snapshot:
    """A JPEG, or why there is none."""

    jpeg: bytes
    problem: str = ""


class Snapshots:
    """Where those who want a picture meet the recorder, which alone has one.

    >>> snapshot = snapshots.take(timeout=5)
    """

    def __init__(self) -> None:
        self._condition = threading.Condition()
        self._wanted = False
        self._taken: Snapshot | None = None

    def take(self, timeout: float) -> Snapshot | None:
        """The next frame; None if none is recorded within `timeout` seconds. For one thread at a
        time.
        """
        with self._condition:
            self._taken, self._wanted = None, True
            self._condition.wait_for(lambda: self._taken is not None, timeout)
            self._wanted = False
            return self._taken

    def offer(self, frame: AnonymizedFrame) -> None:
        """Make the picture, if one is wanted."""
        if not self._wanted:
            return
        try:
            taken = Snapshot(encode_jpeg(frame))
        except Exception as error:  # whatever it is, the recording goes on
            logging.getLogger(__name__).exception("a snapshot could not be made")
            taken = Snapshot(b"", f"the picture could not be made: {error or type(error).__name__}")
        with self._condition:
            self._taken, self._wanted = taken, False
            self._condition.notify_all()


class RecorderWithSnapshots:
    """A recorder that shows each frame to `snapshots` before it lets go of it."""

    def __init__(self, recorder: Recorder, snapshots: Snapshots) -> None:
        self._recorder = recorder
        self._snapshots = snapshots

    def write(self, frame: AnonymizedFrame) -> None:
        """Record the frame, and make the picture if one is wanted."""
        self._recorder.write(frame)
        self._snapshots.offer(frame)

    def finish(self) -> None:
        """Finish the recorder."""
        self._recorder.finish()
