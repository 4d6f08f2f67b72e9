"""The look-ahead window: frames wait here until it is known what to cover in them."""

import math
import threading

from anoncam.clock import NANOSECONDS, Clock
from anoncam.config.schema import Config
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.chunk import chunk_of
from anoncam.frames.frame import Frame
from anoncam.frames.frame_rate import FrameRate
from anoncam.motion.camera_motion import STILL, Motion
from anoncam.motion.scene_cuts import SAME_SCENE, Scene
from anoncam.pipeline.file_schedule import FileSchedule
from anoncam.pipeline.live_schedule import LiveSchedule
from anoncam.pipeline.waiting_frames import (
    FrameState,
    Schedule,
    WaitingFrame,
    WaitingFrames,
)
from anoncam.tracking.coverage import Coverage
from anoncam.tracking.novelty import Novelty
from anoncam.tracking.result_times import ResultTimes
from anoncam.tracking.snapping import Snapping
from anoncam.tracking.tracker import Tracker

NO_RESULT = "no result of the detector covers this frame"
INCOMPLETE = "the detector gave as many faces as its output can hold, so others may be missing"
CROWDED = "there are more detections than can be covered one by one"


class Window:
    """Frames in order, the results for them, and the decision what to cover.

    `LiveSchedule` and `FileSchedule` decide which frame is inferred next and when one leaves. One
    thread puts frames in, one has them inferred, and one takes them out.

    >>> window.put(frame)
    >>> frame = window.next_to_infer(timeout=0.1)
    >>> window.submitted(frame)
    >>> window.add_result(result)
    >>> frame, coverage = window.next_ready()
    """

    def __init__(self, config: Config, *, live: bool, clock: Clock) -> None:
        self.live = live
        self.veil_reason = NO_RESULT
        self._clock = clock
        self._schedule: Schedule = LiveSchedule(clock) if live else FileSchedule()
        self._changed = threading.Condition()
        self._waiting = WaitingFrames()
        self._tracker = Tracker(config.coverage)
        self._novelty = Novelty(config.coverage, math.inf)
        self._snapping = Snapping()
        self._result_times = ResultTimes(config.detector.max_gap)
        self._rate = FrameRate()
        self._last_is_complete = True
        self._chunk: int | None = None
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Take other settings, from the next result on; the look-ahead can only stay as it is."""
        with self._changed:
            self.max_gap = config.detector.max_gap
            self._persistence = round(config.coverage.persistence * NANOSECONDS)
            self._waiting.configure(config)
            self._tracker.configure(config.coverage)
            self._novelty.configure(config.coverage)
            self._result_times.configure(self.max_gap)

    # Called by the capture stage.

    def put(self, frame: Frame, *, scene: Scene = SAME_SCENE, motion: Motion = STILL) -> None:
        """Take in a frame later than all before it.

        `scene` is whether a new one begins with it, `motion` how the camera has moved since the
        frame before.
        """
        with self._changed:
            waiting = self._waiting
            self._see_rate(frame)
            if scene.begins and waiting.frames:
                waiting.frames[-1].must_infer = True
            is_first = waiting.last_submitted is None and not waiting.frames
            now = self._clock.monotonic()
            # Which frames of a chunk are inferred must not depend on the chunk before it.
            chunk, before = chunk_of(frame.timestamp), self._chunk
            self._chunk = chunk
            must_infer = scene.begins or is_first or (not self.live and chunk != before)
            waiting.frames.append(WaitingFrame(frame, now, must_infer, scene, motion))
            waiting.pool_is_empty = False
            self._changed.notify_all()

    @property
    def needs_frames(self) -> bool:
        """Whether nothing can leave until further frames come: no result is due or on its way."""
        with self._changed:
            waiting = self._waiting
            return (
                bool(waiting.frames)
                and not waiting.is_under_way
                and not self._may_leave(waiting.frames[0])
                and self._next_to_infer() is None
            )

    def pool_ran_empty(self) -> None:
        """The pool is empty and a file waits: one frame may leave early, when no result is due."""
        with self._changed:
            self._waiting.pool_is_empty = True
            self._changed.notify_all()

    def end(self) -> None:
        """No frame comes any more."""
        with self._changed:
            if self._waiting.ended_at is None:
                self._waiting.ended_at = self._clock.monotonic()
            self._changed.notify_all()

    # Called by the inference stage.

    def next_to_infer(self, timeout: float) -> Frame | None:
        """The next frame to submit, which stays until `submitted`; None after `timeout` seconds."""
        with self._changed:
            due = self._changed.wait_for(self._next_to_infer, timeout)
            if due is None:
                return None
            due.state = FrameState.READING
            return due.frame

    def submitted(self, frame: Frame) -> None:
        """The detector has read the frame."""
        with self._changed:
            self._waiting.find(frame.timestamp, FrameState.READING).state = FrameState.SUBMITTED
            self._waiting.submitted(frame)
            self._changed.notify_all()

    def add_result(self, result: DetectionResult) -> None:
        """Take in a result, later than all before it."""
        with self._changed:
            timestamp = result.timestamp
            self._track_until(timestamp)
            sequence = self._waiting.inferred(timestamp)
            is_taken = self._tracker.add_result(result)
            if self._novelty.is_new(result):
                self._waiting.alert(timestamp)
            if not is_taken:
                # None of its detections is covered, so all frames are veiled where one would be.
                self._result_times.invalidate(
                    timestamp - self._waiting.look_ahead, timestamp + self._persistence
                )
            elif result.complete:
                self._result_times.add(timestamp, sequence)
            self._last_is_complete = result.complete
            self._decide()
            self._changed.notify_all()

    def withdraw(self) -> None:
        """The detector has failed: what was submitted without a result is submitted again."""
        with self._changed:
            for each in self._waiting.frames:
                if each.state in (FrameState.READING, FrameState.SUBMITTED):
                    each.state = FrameState.NEW
                    each.must_infer = each.must_infer or not self.live
            self._waiting.withdraw()
            self._changed.notify_all()

    def abandon(self) -> None:
        """No result will come any more: all frames may leave, veiled where results are missing."""
        with self._changed:
            self._waiting.abandoned = True
            self._changed.notify_all()

    # Called by the recording stage.

    def next_ready(self) -> tuple[Frame, Coverage] | None:
        """Wait until the oldest frame may leave; it and its coverage, or None after the last."""
        with self._changed:
            while not self.finished:
                ready = self.take_ready()
                if ready is not None:
                    return ready
                self._changed.wait(self._schedule.wait_time(self._waiting))
            return None

    def take_ready(self) -> tuple[Frame, Coverage] | None:
        """The oldest frame and its coverage, if it may leave now."""
        with self._changed:
            waiting = self._waiting
            if not waiting.frames or not self._may_leave(waiting.frames[0]):
                return None
            leaving = waiting.frames[0]
            coverage = leaving.coverage or self._coverage(leaving.frame)
            waiting.frames.popleft()
            waiting.pool_is_empty = False
            return leaving.frame, coverage

    @property
    def finished(self) -> bool:
        """Whether no frame is or will be in it."""
        with self._changed:
            return self._waiting.ended_at is not None and not self._waiting.frames

    def _next_to_infer(self) -> WaitingFrame | None:
        if not self._waiting.frames or self._waiting.abandoned:
            return None
        return self._schedule.next_to_infer(self._waiting)

    def _may_leave(self, oldest: WaitingFrame) -> bool:
        waiting = self._waiting
        if oldest.state is FrameState.READING:
            return False
        result = waiting.last_result
        if result is not None and result >= oldest.timestamp + waiting.look_ahead:
            return True
        return waiting.abandoned or self._schedule.may_leave(waiting)

    def _see_rate(self, frame: Frame) -> None:
        area = frame.format.width * frame.format.height
        self._tracker.picture_area = self._novelty.picture_area = area
        rate = float(frame.format.frame_rate)
        if self.live:
            self._rate.add(frame.timestamp)
            rate = self._rate.seen or rate
        self._result_times.see_rate(rate)
        self._waiting.rate = rate

    def _track_until(self, timestamp: int) -> None:
        """Show the tracker the frames up to `timestamp`: it sees all in the order of their time.

        So the coverage of a file does not depend on how far its frames are ahead of the detector.
        """
        for each in self._waiting.frames:
            if each.timestamp > timestamp:
                return
            if not each.is_tracked:
                each.is_tracked = True
                self._tracker.move_camera(each.timestamp, each.motion)
                if each.scene.gone is not None:
                    self._tracker.replace_scene(each.scene.gone)
                if each.scene.begins:
                    self._tracker.begin_scene(each.timestamp)

    def _decide(self) -> None:
        """Decide the coverage of frames whose look-ahead is complete, before later results count.

        For a live source a later result may only add to it, until the frame leaves.
        """
        result = self._waiting.last_result
        if self.live or result is None:
            return
        for each in self._waiting.frames:
            if each.timestamp + self._waiting.look_ahead > result:
                return
            if each.coverage is None:
                each.coverage = self._coverage(each.frame)

    def _coverage(self, frame: Frame) -> Coverage:
        self._track_until(frame.timestamp)
        coverage = self._decided(frame)
        self._tracker.forget(frame.timestamp)
        self._result_times.forget(frame.timestamp)
        return coverage

    def _decided(self, frame: Frame) -> Coverage:
        timestamp = frame.timestamp
        if self._result_times.is_invalid(timestamp):
            # To cover the boxes of noise below the veil would take more time than there is.
            return Coverage((), CROWDED)
        veil = "" if self._result_times.covers(timestamp) else self._why_veiled()
        boxes = self._snapping.snap(self._tracker.coverage(timestamp), frame.format)
        return Coverage(boxes, veil)

    def _why_veiled(self) -> str:
        # A failure of the detector explains more than its last result.
        if self._last_is_complete or self.veil_reason != NO_RESULT:
            return self.veil_reason
        return INCOMPLETE
