"""Detects the faces of one chunk: what the tracker needs of each frame, and no picture."""

import math
from collections.abc import Callable
from dataclasses import dataclass

from anoncam.archive.chunk_plan import Chunk
from anoncam.clock import Stop
from anoncam.config.schema import Config
from anoncam.detectors.detector import DetectionResult, Detector
from anoncam.errors import InputError, StoppedError
from anoncam.frames.frame import Frame, FrameFormat
from anoncam.frames.pool import FramePool
from anoncam.motion.camera_motion import STILL, CameraMotion, Motion
from anoncam.motion.cells import take_cells
from anoncam.motion.scene_cuts import SceneCuts
from anoncam.pipeline.file_schedule import FileSchedule
from anoncam.pipeline.waiting_frames import FrameState, WaitingFrame, WaitingFrames
from anoncam.sources.source import Source
from anoncam.tracking.novelty import Novelty

_SPARE = 4
_WAIT = 1.0


@dataclass
class Seen:
    """What was seen of one frame.

    `gone` is the timestamp of the cut whose scene before it is now replaced for good. `result` is
    there if the frame was inferred.
    """

    timestamp: int
    motion: Motion
    begins_scene: bool
    gone: int | None
    result: DetectionResult | None = None


class _Inference:
    """Infers the frames that the schedule of files asks for, which depends on what was found."""

    def __init__(
        self, config: Config, picture: FrameFormat, detector: Detector, pool: FramePool
    ) -> None:
        self._waiting = WaitingFrames(rate=float(picture.frame_rate))
        self._waiting.configure(config)
        self._novelty = Novelty(config.coverage, picture.width * picture.height)
        self._schedule = FileSchedule()
        self._detector = detector
        self._pool = pool
        self.results: dict[int, DetectionResult] = {}

    def add(self, frame: Frame, *, must_infer: bool, begins_scene: bool) -> None:
        """Take in the next frame, and infer what is due now."""
        frames = self._waiting.frames
        if begins_scene and frames:
            frames[-1].must_infer = True
        frames.append(WaitingFrame(frame, 0, must_infer))
        self._infer_due()

    def end(self) -> None:
        """The file has ended: its last frame is inferred, too."""
        self._waiting.ended_at = 0
        self._infer_due()

    def close(self) -> None:
        """Give the frames back."""
        while self._waiting.frames:
            self._pool.release(self._waiting.frames.popleft().frame)

    def _infer_due(self) -> None:
        waiting = self._waiting
        while waiting.frames and (due := self._schedule.next_to_infer(waiting)) is not None:
            self._detector.submit(due.frame, due.timestamp)
            waiting.submitted(due.frame)
            due.state = FrameState.SUBMITTED
            self._collect()
            # The detector has its own copy, and no frame before this one will be due. The newest
            # stays: the next one may begin a scene.
            while len(waiting.frames) > 1 and waiting.frames[0].timestamp <= due.timestamp:
                self._pool.release(waiting.frames.popleft().frame)

    def _collect(self) -> None:
        result = None
        while result is None:
            result = self._detector.collect(_WAIT)
        self.results[result.timestamp] = result
        self._waiting.inferred(result.timestamp)
        if self._novelty.is_new(result):
            self._waiting.alert(result.timestamp)


def detect(
    source: Source,
    chunk: Chunk,
    config: Config,
    detector: Detector,
    stop: Stop,
    show: Callable[[int], None] = lambda _frames: None,
) -> list[Seen]:
    """What is seen in each frame of the chunk, in order.

    `source` begins `HISTORY` before the chunk, and goes on behind it. `show` gets the number of
    frames done.

    Raises:
        InputError: the file cannot be read in chunks.
        DetectorError: the detector has failed.
        StoppedError: the stop was requested.
    """
    rate = float(source.format.frame_rate)
    pool = FramePool(source.format, math.ceil(0.5 * rate) + _SPARE, most=math.ceil(4 * rate) + 64)
    inference = _Inference(config, source.format, detector, pool)
    cuts, camera = SceneCuts(), CameraMotion()
    seen: list[Seen] = []
    number = 0
    try:
        while (taken := source.read()) is not None:
            try:
                frame = _acquire(pool)
                taken.copy_into(frame)
            finally:
                taken.close()
            number += 1
            frame.sequence = number
            cells = take_cells(frame)
            motion, scene = camera.watch(cells), cuts.watch(cells, frame.timestamp)
            if frame.timestamp < chunk.begin:
                pool.release(frame)
                continue
            # As in the window: the first frame of each chunk is inferred, this one's and the next.
            is_behind = frame.timestamp >= chunk.end
            inference.add(
                frame,
                must_infer=not seen or is_behind or scene.begins,
                begins_scene=scene.begins,
            )
            if is_behind:
                break
            gone = None if scene.gone is None else scene.gone.timestamp
            still = STILL if scene.begins else motion
            seen.append(Seen(frame.timestamp, still, scene.begins, gone))
            show(len(seen))
        if stop.requested:
            raise StoppedError("stopped")
        inference.end()
    finally:
        inference.close()
    if len(seen) != chunk.frames:
        raise InputError("its chunks have other frames than its index says")
    for each in seen:
        each.result = inference.results.get(each.timestamp)
    return seen


def _acquire(pool: FramePool) -> Frame:
    frame = pool.acquire()
    if frame is None and pool.grow():
        frame = pool.acquire()
    if frame is None:
        raise InputError("its frames come too fast to be read in chunks")
    return frame
