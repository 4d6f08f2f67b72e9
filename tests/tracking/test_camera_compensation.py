import numpy as np
import pytest

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import CoverageSettings
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.boxes import Box
from anoncam.motion.camera_motion import STILL, Motion
from anoncam.tracking.tracker import Tracker


def tracker_at(*boxes: Box | None, pan: float) -> tuple[Tracker, list[int]]:
    """A tracker that has seen a face in these boxes (x, y, width, height), a tenth of a second
    apart, under a pan."""
    tracker = Tracker(CoverageSettings())
    timestamps = [number * NANOSECONDS // 10 for number in range(len(boxes))]
    for timestamp, box in zip(timestamps, boxes, strict=True):
        tracker.move_camera(timestamp, Motion(1, pan, 0) if timestamp else STILL)
        found = np.empty((0, 5), np.float32) if box is None else np.array([[*box, 0.9]], np.float32)
        assert tracker.add_result(DetectionResult(timestamp, found, complete=True, latency=0))
    return tracker, timestamps


def test_a_lost_track_moves_with_the_camera() -> None:
    tracker, timestamps = tracker_at((100, 100, 20, 20), None, None, pan=30)
    (cover,) = tracker.coverage(timestamps[2])
    left, _, right, _ = cover.box
    assert left <= 160
    assert right >= 180
    assert right - left < 40, "and not where it was before"


def test_back_fill_moves_with_the_camera() -> None:
    tracker, timestamps = tracker_at(None, None, (160, 100, 20, 20), pan=30)
    (cover,) = tracker.coverage(timestamps[0])
    assert cover.box[0] <= 100
    assert 120 <= cover.box[2] < 140


def test_a_small_face_under_a_fast_pan_is_one_track() -> None:
    tracker, timestamps = tracker_at(
        *((100.0 + 50 * number, 100.0, 20.0, 20.0) for number in range(5)), pan=50
    )
    assert len(tracker._tracks) == 1
    for timestamp in timestamps:
        assert len(tracker.coverage(timestamp)) == 1


def test_what_is_detected_is_covered_however_the_camera_moves() -> None:
    boxes = [(100.0 + 7 * number**2, 100.0 + 3 * number, 20.0, 24.0) for number in range(8)]
    tracker, timestamps = tracker_at(*boxes, pan=-33.3)
    for timestamp, (x, y, width, height) in zip(timestamps, boxes, strict=True):
        assert any(
            cover.box[0] <= x + 1e-6
            and cover.box[1] <= y + 1e-6
            and cover.box[2] >= x + width - 1e-6
            and cover.box[3] >= y + height - 1e-6
            for cover in tracker.coverage(timestamp)
        )


def test_a_track_stays_where_it_is_when_the_world_gets_another_origin() -> None:
    tracker = Tracker(CoverageSettings())
    tracker.move_camera(0, STILL)
    tracker.move_camera(1, Motion(1, 200_000, 0))
    found = np.array([[100, 100, 20, 20, 0.9]], np.float32)
    tracker.add_result(DetectionResult(6 * NANOSECONDS, found, complete=True, latency=0))
    before = tracker.coverage(6 * NANOSECONDS)
    tracker.forget(6 * NANOSECONDS)
    assert tracker._camera.to_picture((0, 0, 1, 1), 6 * NANOSECONDS) == (0, 0, 1, 1)
    assert tracker.coverage(6 * NANOSECONDS) == before


def test_a_face_that_is_always_in_view_stays_covered_while_the_camera_zooms_for_an_hour() -> None:
    """A camera that drives on: a hundred thousand zooms multiply beyond all numbers."""
    tracker = Tracker(CoverageSettings())
    for number in range(108_000):
        timestamp = number * 33_000_000
        tracker.move_camera(timestamp, Motion(1.01, -3.2, -1.8))
        if number % 3 == 0:
            detections = np.array([[300.0, 160.0, 40.0, 50.0, 0.9]], np.float32)
            tracker.add_result(DetectionResult(timestamp, detections, complete=True, latency=0.0))
        if number % 1000 == 0:
            (cover,) = tracker.coverage(timestamp)
            assert cover.box == pytest.approx((300, 160, 340, 210), abs=12)
        tracker.forget(timestamp - 500_000_000)
