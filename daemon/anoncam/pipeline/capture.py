"""The first stage: from the source into the pool and the window."""

from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.events.event import Event, emit
from anoncam.frames.frame import Frame
from anoncam.frames.pool import FramePool
from anoncam.motion.camera_motion import STILL, CameraMotion
from anoncam.motion.cells import take_cells
from anoncam.motion.scene_cuts import SAME_SCENE, SceneCuts
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.window import Window
from anoncam.sources.source import Capture, Source

QUIET = 2.0
"""Seconds without a dropped frame after which a run of them is over."""

_CODECS_PATIENCE = 0.2


def capture(
    source: Source, pool: FramePool, window: Window, counts: Counters, clock: Clock, stop: Stop
) -> None:
    """Move captures into the window until the source ends or the stop is requested.

    Raises:
        InputError: what the source raised.
    """
    drops = _Drops(clock)
    # A live source has no cuts: there it is a light that was switched.
    cuts = None if source.live else SceneCuts()
    camera = CameraMotion()
    lost = source.lost
    try:
        while not stop.requested and (taken := source.read()) is not None:
            try:
                # What the source has lost before this one leaves a hole in the sequence too.
                missed, lost = source.lost - lost, source.lost
                drops.count(missed)
                counts.captured += missed
                counts.dropped += missed
                frame = _acquire(source, pool, window, stop)
                if frame is not None:
                    _fill(taken, frame, pool, counts.captured)
                    cells = take_cells(frame)
                    motion = camera.watch(cells)
                    scene = cuts.watch(cells, frame.timestamp) if cuts is not None else SAME_SCENE
                    window.put(frame, scene=scene, motion=STILL if scene.begins else motion)
                elif source.live:
                    drops.count(1)
                    counts.dropped += 1
                else:
                    break
                counts.captured += 1
            finally:
                taken.close()
            drops.settle()
    finally:
        drops.end()


def _acquire(source: Source, pool: FramePool, window: Window, stop: Stop) -> Frame | None:
    """None where a live source finds the pool empty, or a file waits for it and the stop is
    requested.
    """
    frame = pool.acquire()
    while frame is None and not source.live and not stop.requested:
        window.starve()
        # A codec may keep the buffer that was let go of for this: then another one must go.
        frame = pool.wait(stop, _CODECS_PATIENCE)
    return frame


def _fill(taken: Capture, frame: Frame, pool: FramePool, sequence: int) -> None:
    try:
        taken.copy_into(frame)
    except BaseException:
        pool.release(frame)
        raise
    frame.sequence = sequence


class _Drops:
    """Runs of dropped frames, told by one event when they begin and one when they are over."""

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
