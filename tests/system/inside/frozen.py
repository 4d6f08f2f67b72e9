"""Runs anoncam with a stage that freezes once, on the thirtieth frame, where no stop can reach
it."""

import os
import threading
from pathlib import Path

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.cli.main import main
from anoncam.recording.segment_recorder import SegmentRecorder
from anoncam.service import stage_watch

FROZEN = Path(os.environ["STATE_DIRECTORY"]) / "frozen-once"

write = SegmentRecorder.write


def freeze(recorder: SegmentRecorder, frame: AnonymizedFrame) -> None:
    """Write, but for the thirtieth frame of the first run."""
    if frame.sequence == 30 and not FROZEN.exists():
        FROZEN.touch()
        threading.Event().wait()
    write(recorder, frame)


if __name__ == "__main__":
    stage_watch.STALL = 2.0
    SegmentRecorder.write = freeze  # type: ignore[method-assign,assignment]
    main()
