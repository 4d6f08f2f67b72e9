"""The capture stage: from the source into the pool and the window."""

from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.config.schema import Config
from anoncam.events.event import Event, emit
from anoncam.frames.frame import Frame
from anoncam.frames.frame_rate import FrameRate
from anoncam.frames.pool import FramePool
from anoncam.motion.camera_motion import STILL, CameraMotion
from anoncam.motion.cells import take_cells
from anoncam.motion.scene_cuts import SAME_SCENE, SceneCuts
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.pool_size import pool_size
from anoncam.pipeline.window import Window
from anoncam.sources.source import Capture, Source

QUIET = 2.0
"""Seconds without a dropped frame after which a run of dropped frames is over."""

_WAIT_FOR_POOL = 0.02
"""Seconds after which the pool is looked at again: a codec may keep a frame that has left."""


def capture(
    source: Source,
    pool: FramePool,
    window: Window,
    config: Config,
    counters: Counters,
    clock: Clock,
    stop: Stop,
) -> None:
    """Move captures into the window until the source ends or the stop is requested.

    Raises:
        InputError: what the source raised.
    """
    drops = _Drops(clock)
    # A live source has no cuts: what looks like one is a light that was switched.
    cuts = None if source.live else SceneCuts()
    camera = CameraMotion()
    rate = FrameRate()
    lost, damaged, counters.silence = source.lost, source.damaged, source.silence
    try:
        while not stop.requested and (taken := source.read()) is not None:
            try:
                # Frames that the source has lost before this one take numbers of the sequence too.
                missed, lost = source.lost - lost, source.lost
                drops.count(missed)
                counters.captured += missed
                counters.dropped += missed
                counters.damaged += source.damaged - damaged
                damaged = source.damaged
                counters.silence = source.silence
                rate.add(taken.time.arrival)
                if source.live:
                    frame = _acquire(pool, pool_size(rate.seen or 0, config, live=True))
                else:
                    frame = _wait_for(pool, window, stop)
                if frame is not None:
                    _fill(taken, frame, pool, counters.captured)
                    cells = take_cells(frame)
                    motion = camera.watch(cells)
                    scene = cuts.watch(cells, frame.timestamp) if cuts is not None else SAME_SCENE
                    window.put(frame, scene=scene, motion=STILL if scene.begins else motion)
                elif source.live:
                    drops.count(1)
                    counters.dropped += 1
                else:
                    break
                counters.captured += 1
            finally:
                taken.close()
            drops.settle()
    finally:
        counters.damaged += source.damaged - damaged
        drops.end()


def _acquire(pool: FramePool, needed: int) -> Frame | None:
    """A frame of a pool that may grow to `needed` frames; None if all are in use."""
    frame = pool.acquire()
    if frame is None and pool.count < needed and pool.grow():
        frame = pool.acquire()
    return frame


def _wait_for(pool: FramePool, window: Window, stop: Stop) -> Frame | None:
    """A frame of the pool, for a file that waits for it; None if a stop ends the wait.

    If the window itself waits for further frames, the pool is too small for the look-ahead. Only if
    it cannot grow, a frame must leave early.
    """
    frame = pool.acquire()
    while frame is None and not stop.requested:
        if window.needs_frames and not pool.grow():
            window.pool_ran_empty()
        frame = pool.wait(stop, _WAIT_FOR_POOL)
    return frame


def _fill(taken: Capture, frame: Frame, pool: FramePool, sequence: int) -> None:
    try:
        taken.copy_into(frame)
    except BaseException:
        pool.release(frame)
        raise
    frame.sequence = sequence


class _Drops:
    """Runs of dropped frames: one event reports the begin of each, another one its end."""

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._frames = 0
        self._last = 0

    def count(self, frames: int) -> None:
        if not frames:
            return
        if not self._frames:
            emit(
                Event.FRAMES_DROPPING,
                "frames come faster than they can be recorded: some are dropped",
            )
        self._frames += frames
        self._last = self._clock.monotonic()

    def settle(self) -> None:
        if self._clock.monotonic() - self._last > QUIET * NANOSECONDS:
            self.end()

    def end(self) -> None:
        if self._frames:
            emit(Event.FRAMES_DROPPED, f"{self._frames} frames were dropped", frames=self._frames)
            self._frames = 0
