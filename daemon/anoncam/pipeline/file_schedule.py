"""A file waits for the detector, however slow that is. So no late result veils a frame of it."""

from itertools import pairwise

from anoncam.pipeline.waiting_frames import FrameState, WaitingFrame, WaitingFrames

_WAIT = 0.1


class FileSchedule:
    """Submits frames at the rate that is needed, and both sides of a pause or a cut.

    Frames of a file are known before they are skipped. So even at a low rate, results are never so
    far apart that frames between them are veiled.
    """

    def next_to_infer(self, waiting: WaitingFrames) -> WaitingFrame | None:
        """The oldest frame that must be inferred, for itself or to keep results near enough."""
        last = waiting.last_submitted
        if waiting.sequences:
            # The next interval depends on that result, and on nothing else that may be late.
            return None
        longest, most_frames = waiting.longest_interval, waiting.most_frames
        for each, following in pairwise(waiting.frames):
            is_too_far = last is not None and (
                following.timestamp - last > longest
                or following.frame.sequence - waiting.last_sequence > most_frames
            )
            if each.state is FrameState.NEW and (each.must_infer or is_too_far):
                return each
        newest = waiting.frames[-1]
        # The last frame of the file, or of all that the pool can hold, ends what results cover.
        is_last = waiting.ended_at is not None or (
            waiting.pool_is_empty and (last is None or last < waiting.frames[0].timestamp)
        )
        is_due = newest.state is FrameState.NEW and (newest.must_infer or is_last)
        return newest if is_due else None

    def may_leave(self, waiting: WaitingFrames) -> bool:
        """At the end, or to make room in the pool, once no further result is to come."""
        result, oldest = waiting.last_result, waiting.frames[0].timestamp
        makes_room = waiting.pool_is_empty and result is not None and result >= oldest
        if waiting.ended_at is None and not makes_room:
            return False
        return not waiting.is_under_way and self.next_to_infer(waiting) is None

    def wait_time(self, _: WaitingFrames) -> float:
        """Always the same: whatever changes in the window wakes who waits."""
        return _WAIT
