"""A live source waits for nobody: frames leave when their look-ahead expires."""

from anoncam.clock import NANOSECONDS, Clock
from anoncam.pipeline.waiting_frames import FrameState, WaitingFrame, WaitingFrames

DRAIN = 1.0
"""Seconds that a live pipeline waits for the last results when it ends; then frames are veiled."""

_LONGEST_WAIT, _SHORTEST_WAIT = 0.1, 0.001


class LiveSchedule:
    """Submits the first frame, and then the newest one at the rate that is needed."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock

    def next_to_infer(self, waiting: WaitingFrames) -> WaitingFrame | None:
        """The newest frame, if due; at first the oldest, which no later result would cover."""
        last = waiting.last_submitted
        if last is None:
            return waiting.frames[0] if waiting.frames[0].state is FrameState.NEW else None
        newest = waiting.frames[-1]
        if newest.state is not FrameState.NEW:
            return None
        interval = waiting.wanted_interval
        # A tenth of tolerance: camera timestamps jitter around the frame time.
        on_time = (newest.timestamp - last) * 10 >= interval * 9
        # A camera may stall: its last frame is inferred too, or those before it would be veiled.
        stalls = self._clock.monotonic() - newest.arrived > interval
        return newest if on_time or stalls or waiting.ended_at is not None else None

    def may_leave(self, waiting: WaitingFrames) -> bool:
        """When the look-ahead has expired, or the source has ended and no result is to come."""
        now = self._clock.monotonic()
        if now >= waiting.frames[0].arrived + waiting.look_ahead:
            return True
        if waiting.ended_at is None:
            return False
        if now >= waiting.ended_at + round(DRAIN * NANOSECONDS):
            return True
        return not waiting.is_under_way and self.next_to_infer(waiting) is None

    def wait_time(self, waiting: WaitingFrames) -> float:
        """Until the look-ahead of the oldest frame expires."""
        if not waiting.frames:
            return _LONGEST_WAIT
        left = waiting.frames[0].arrived + waiting.look_ahead - self._clock.monotonic()
        return min(_LONGEST_WAIT, max(_SHORTEST_WAIT, left / NANOSECONDS))
