"""The look-ahead: frames wait here until it is known what to cover in them."""

import threading
from collections import deque
from dataclasses import dataclass
from enum import Enum, auto
from itertools import pairwise

from anoncam.clock import NANOSECONDS, Clock
from anoncam.config.schema import Config
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.frame import Frame
from anoncam.motion.camera_motion import STILL, Motion
from anoncam.motion.scene_cuts import SAME_SCENE, Scene
from anoncam.tracking.coverage import Coverage
from anoncam.tracking.result_times import ResultTimes
from anoncam.tracking.tracker import Tracker

NO_RESULT = "no answer of the detector covers this moment"
INCOMPLETE = "the detector gave as many faces as its output can hold, so others may be missing"
CROWDED = "more is taken for faces than can be covered one by one"

DRAIN = 1.0
"""Seconds that a live pipeline waits for the last answers when it ends; then the veil falls."""

_WAIT = 0.1


class _State(Enum):
    NEW = auto()
    READING = auto()
    ASKED = auto()
    ANSWERED = auto()


@dataclass(eq=False)
class _Entry:
    frame: Frame
    arrived: int
    due: bool
    state: _State = _State.NEW


class Window:
    """Frames in order, the answers about them, and the decision what to cover.

    A live window lets a frame go when its look-ahead has expired, answered or not. One over a file
    waits for the detector instead, however slow, and examines frames evenly at the wanted rate, and
    both sides of a gap or a cut. One thread puts frames in, one examines them, one takes them out.
    """

    def __init__(self, config: Config, *, live: bool, clock: Clock) -> None:
        self.live = live
        self.veil_reason = NO_RESULT
        self._clock = clock
        self._changed = threading.Condition()
        self._entries: deque[_Entry] = deque()
        self._tracker = Tracker(config.coverage)
        self._result_times = ResultTimes(config.detector.max_gap)
        self._last_submitted: int | None = None
        self._last_result: int | None = None
        self._last_complete = True
        self._starved = False
        self._ended_at: int | None = None
        self._abandoned = False
        self.configure(config)

    def configure(self, config: Config) -> None:
        """Take other settings, from the next answer on; the look-ahead can only stay as it is."""
        with self._changed:
            self._look_ahead = round(config.coverage.look_ahead * NANOSECONDS)
            self._hold = round(config.coverage.persistence * NANOSECONDS)
            self._interval = (
                round(NANOSECONDS / config.detector.rate) if config.detector.rate else 0
            )
            # Frames of a file are known before they are skipped: no rate, however low, makes a gap
            # that is veiled.
            self._stride = min(
                self._interval * 11 // 10, round(config.detector.max_gap * NANOSECONDS)
            )
            self._tracker.configure(config.coverage)
            self.max_gap = config.detector.max_gap
            self._result_times.configure(self.max_gap)

    # The capturing side.

    def put(self, frame: Frame, *, scene: Scene = SAME_SCENE, motion: Motion = STILL) -> None:
        """Take in a frame later than all before it.

        `scene` tells whether a new one begins with it, `motion` how the camera has moved since the
        one before.
        """
        with self._changed:
            self._tracker.picture_area = frame.format.width * frame.format.height
            self._tracker.move_camera(frame.timestamp, motion)
            if scene.gone is not None:
                self._tracker.replace_scene(scene.gone)
            if scene.begins:
                self._tracker.begin_scene(frame.timestamp)
                if self._entries:
                    self._entries[-1].due = True
            due = scene.begins or (self._last_submitted is None and not self._entries)
            self._entries.append(_Entry(frame, self._clock.monotonic(), due))
            self._starved = False
            self._changed.notify_all()

    def starve(self) -> None:
        """The pool is empty and a file waits: one frame may go early, once the detector has no more
        to say.
        """
        with self._changed:
            self._starved = True
            self._changed.notify_all()

    def end(self) -> None:
        """No frame comes any more."""
        with self._changed:
            if self._ended_at is None:
                self._ended_at = self._clock.monotonic()
            self._changed.notify_all()

    # The examining side.

    def next_to_infer(self, timeout: float) -> Frame | None:
        """The next frame to examine, which then stays untouched until `asked`; None if none comes
        in time.
        """
        with self._changed:
            entry = self._changed.wait_for(self._due, timeout)
            if entry is None:
                return None
            entry.state = _State.READING
            return entry.frame

    def submitted(self, frame: Frame) -> None:
        """The frame has been read by the detector."""
        with self._changed:
            self._entry(frame.timestamp, _State.READING).state = _State.ASKED
            self._last_submitted = frame.timestamp
            self._changed.notify_all()

    def add_result(self, answer: DetectionResult) -> None:
        """Take in an answer."""
        with self._changed:
            for entry in self._entries:
                if entry.frame.timestamp == answer.timestamp:
                    entry.state = _State.ANSWERED
            if not self._tracker.add_result(answer):
                # Nothing of it is covered, so everything is, for as long as a face in it would have
                # been.
                self._result_times.invalidate(
                    answer.timestamp - self._look_ahead, answer.timestamp + self._hold
                )
            elif answer.complete:
                self._result_times.add(answer.timestamp)
            self._last_result, self._last_complete = answer.timestamp, answer.complete
            self._changed.notify_all()

    def withdraw(self) -> None:
        """The detector has failed: what it was asked can be asked again."""
        with self._changed:
            for entry in self._entries:
                if entry.state in (_State.READING, _State.ASKED):
                    entry.state = _State.NEW
                    entry.due = entry.due or not self.live
            self._last_submitted = self._last_result
            self._changed.notify_all()

    def abandon(self) -> None:
        """No answer will come any more: let go of everything, now and later, veiled where it is not
        covered.
        """
        with self._changed:
            self._abandoned = True
            self._changed.notify_all()

    # The recording side.

    def next_ready(self) -> tuple[Frame, Coverage] | None:
        """Wait for the oldest frame to be ready to leave, with what to cover in it; None after the
        last one.
        """
        with self._changed:
            while not self.finished:
                ready = self.take_ready()
                if ready is not None:
                    return ready
                self._changed.wait(self._patience())
            return None

    def take_ready(self) -> tuple[Frame, Coverage] | None:
        """The oldest frame, if it may leave now, with what to cover in it."""
        with self._changed:
            if not self._entries or not self._ready(self._entries[0]):
                return None
            frame = self._entries.popleft().frame
            self._starved = False
            coverage = self._decide(frame.timestamp)
            self._tracker.forget(frame.timestamp)
            self._result_times.forget(frame.timestamp)
            return frame, coverage

    @property
    def finished(self) -> bool:
        """Whether no frame is or will be in it."""
        with self._changed:
            return self._ended_at is not None and not self._entries

    def _decide(self, timestamp: int) -> Coverage:
        if self._result_times.is_invalid(timestamp):
            # The boxes of noise below the veil would cost more time than there is.
            return Coverage((), CROWDED)
        veil = "" if self._result_times.covers(timestamp) else self._why_veiled()
        return Coverage(self._tracker.coverage(timestamp), veil)

    def _why_veiled(self) -> str:
        # What is wrong with the detector explains more than what it said last.
        return (
            self.veil_reason if self._last_complete or self.veil_reason != NO_RESULT else INCOMPLETE
        )

    def _entry(self, timestamp: int, state: _State) -> _Entry:
        return next(
            entry
            for entry in self._entries
            if entry.frame.timestamp == timestamp and entry.state is state
        )

    def _due(self) -> _Entry | None:
        if not self._entries or self._abandoned:
            return None
        return self._due_live() if self.live else self._due_in_file()

    def _due_in_file(self) -> _Entry | None:
        latest = None if self._last_submitted is None else self._last_submitted + self._stride
        for entry, following in pairwise(self._entries):
            leaves_a_gap = latest is not None and following.frame.timestamp > latest
            if entry.state is _State.NEW and (entry.due or leaves_a_gap):
                return entry
        newest = self._entries[-1]
        # The last frame closes the examination, or that of all that the pool can hold.
        closes = (
            newest.due
            or self._ended_at is not None
            or (self._starved and self._nothing_said_of_oldest())
        )
        return newest if closes and newest.state is _State.NEW else None

    def _nothing_said_of_oldest(self) -> bool:
        return (
            self._last_submitted is None or self._last_submitted < self._entries[0].frame.timestamp
        )

    def _due_live(self) -> _Entry | None:
        newest = self._entries[-1]
        if newest.state is not _State.NEW:
            return None
        since = (
            None if self._last_submitted is None else newest.frame.timestamp - self._last_submitted
        )
        # A tenth of tolerance: camera timestamps jitter around the frame time.
        on_time = since is None or since * 10 >= self._interval * 9
        # A camera that stalls ends what it has shown: its last frame closes the examination.
        stalls = self._clock.monotonic() - newest.arrived > self._interval
        return newest if on_time or stalls or self._ended_at is not None else None

    def _ready(self, entry: _Entry) -> bool:
        if entry.state is _State.READING:
            return False
        if self._abandoned:
            return True
        timestamp, answered = entry.frame.timestamp, self._last_result
        if answered is not None and answered >= timestamp + self._look_ahead:
            return True
        now = self._clock.monotonic()
        if self.live and now >= entry.arrived + self._look_ahead:
            return True
        if self._ended_at is not None:
            return self._all_said() or (
                self.live and now >= self._ended_at + round(DRAIN * NANOSECONDS)
            )
        return self._starved and answered is not None and answered >= timestamp and self._all_said()

    def _all_said(self) -> bool:
        """Whether the detector has answered all that it can be asked about the frames that are
        here.
        """
        under_way = any(entry.state in (_State.READING, _State.ASKED) for entry in self._entries)
        return not under_way and self._due() is None

    def _patience(self) -> float:
        """Seconds until the oldest frame of a live window may leave, or until it is worth a
        look.
        """
        if not self.live or not self._entries:
            return _WAIT
        left = self._entries[0].arrived + self._look_ahead - self._clock.monotonic()
        return min(_WAIT, max(0.001, left / NANOSECONDS))
