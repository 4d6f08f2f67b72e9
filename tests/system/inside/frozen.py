"""Runs anoncam with a stage that freezes once, on the thirtieth frame, where no stop can reach it."""

import os
import threading
from pathlib import Path

from anoncam import daemon
from anoncam.anonymizer.anonymized import AnonymizedFrame
from anoncam.commands import main
from anoncam.recording.recorder import SegmentRecorder

FROZEN = Path(os.environ["STATE_DIRECTORY"]) / "frozen-once"

write = SegmentRecorder.write


def freeze(recorder: SegmentRecorder, frame: AnonymizedFrame) -> None:
    """Write, but for the thirtieth frame of the first run."""
    if frame.sequence == 30 and not FROZEN.exists():
        FROZEN.touch()
        threading.Event().wait()
    write(recorder, frame)


if __name__ == "__main__":
    daemon.STALL = 2.0
    SegmentRecorder.write = freeze  # type: ignore[method-assign,assignment]
    main()
