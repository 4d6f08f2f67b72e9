"""The window and the tracker of the daemon over kept detections, with other settings."""

from collections.abc import Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from unittest.mock import patch

import numpy as np

from anoncam.clock import SystemClock
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.frame import Frame, FrameFormat, lay_out, tight
from anoncam.motion.camera_motion import STILL
from anoncam.pipeline.window import Window
from anoncam.tracking import tracker
from tools.leakrate.detection_cache import FrameDetections
from tools.leakrate.reported_coverage import ReportedCoverage
from tools.leakrate.run_anoncam import painted
from tools.leakrate.settings import Setting


def replay(
    clip: Sequence[FrameDetections], width: int, height: int, setting: Setting
) -> ReportedCoverage:
    """Find what the pipeline covers by `setting` in a clip with these detections."""
    config = setting.config
    window = Window(config, live=False, clock=SystemClock())
    by_timestamp = {each.timestamp: each.detections for each in clip}
    picture = tight(width, height)
    frames = []

    def drain() -> None:
        while (frame := window.next_to_infer(0)) is not None:
            window.submitted(frame)
            found = by_timestamp[frame.timestamp]
            kept = found[found[:, 4] >= config.coverage.least_score]
            window.add_result(DetectionResult(frame.timestamp, kept, complete=True, latency=0.0))
        while (ready := window.take_ready()) is not None:
            frames.append(painted(ready[1], config.anonymizer, picture))

    calibration: AbstractContextManager[object] = (
        nullcontext()
        if setting.calibrate_scores
        else patch.object(tracker, "calibrate", lambda scores, *_: scores)
    )
    with calibration:
        for each in clip:
            scene = each.scene if setting.end_at_cuts else replace(each.scene, gone=None)
            motion = each.motion if setting.follow_camera else STILL
            window.put(_frame(each.timestamp, picture), scene=scene, motion=motion)
            drain()
        window.end()
        drain()
    return ReportedCoverage(ellipses=False, frames=frames)


def _frame(timestamp: int, form: FrameFormat) -> Frame:
    """Make a frame without pixels: the window looks at its timestamp alone."""
    smallest = tight(2, 2)
    picture = lay_out(np.zeros((smallest.rows, smallest.stride), np.uint8), smallest)
    return Frame(form, picture.buffer, picture.luma, picture.chroma, timestamp=timestamp)
