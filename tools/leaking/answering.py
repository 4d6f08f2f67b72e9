"""The detector's answers to every frame of a clip, asked once and kept: settings are then compared in no time."""

from dataclasses import dataclass
from pathlib import Path

import numpy as np
from tqdm import tqdm

from anoncam.clock import SystemClock
from anoncam.config.schema import DetectorSettings
from anoncam.coverage.camera import STILL, CameraMotion, Motion
from anoncam.coverage.scene import SceneCuts
from anoncam.detectors import Detections, models
from anoncam.detectors.process import DetectorProcess
from anoncam.errors import DetectorError
from anoncam.pool import FramePool
from anoncam.sources.file import FileSource
from anoncam.stop import Stop

FLOOR = 0.04
"""The least score that is kept; no setting below it can be compared."""


@dataclass(frozen=True)
class Answered:
    """One frame: its timestamp in nanoseconds, and what was found in it.

    `cut` tells whether a new scene begins with it, `motion` how the camera has moved since the one before.
    """

    timestamp: int
    cut: bool
    motion: Motion
    detections: Detections


def ask(clip: Path, settings: DetectorSettings, cache: Path) -> list[Answered]:
    """The answers to all frames of `clip`; taken from `cache` where they were asked before.

    Raises:
        InputError: the clip cannot be read.
        DetectorError: the detector does not answer.
    """
    kept = cache / f"{clip.stem}-{models.find(settings.model).sha256[:12]}.npz"
    if not kept.exists():
        answers = _ask(clip, settings)
        cache.mkdir(parents=True, exist_ok=True)
        np.savez(
            kept,
            timestamps=[each.timestamp for each in answers],
            cuts=[each.cut for each in answers],
            motions=[(each.motion.zoom, each.motion.right, each.motion.down) for each in answers],
            counts=[len(each.detections) for each in answers],
            rows=np.concatenate([np.empty((0, 5), np.float32), *(each.detections for each in answers)]),
        )
    with np.load(kept) as content:
        parts = np.split(content["rows"], np.cumsum(content["counts"])[:-1])
        motions = [Motion(*motion) for motion in content["motions"].tolist()]
        return list(map(Answered, content["timestamps"].tolist(), content["cuts"].tolist(), motions, parts))


def _ask(clip: Path, settings: DetectorSettings) -> list[Answered]:
    answers: list[Answered] = []
    cuts, camera = SceneCuts(), CameraMotion()
    detector = DetectorProcess(settings, FLOOR)
    try:
        with FileSource(clip, paced=False, loop=False, clock=SystemClock(), stop=Stop()) as source:
            frame = FramePool(source.format, 1).acquire()
            assert frame is not None
            shown = tqdm(desc=f"detect in {clip.name}", total=source.frames, unit=" frames", leave=False, disable=None)
            while (taken := source.read()) is not None:
                taken.copy_into(frame)
                taken.close()
                detector.submit(frame, frame.timestamp)
                answer = detector.collect(settings.answer_timeout)
                if answer is None:
                    raise DetectorError("the detector does not answer")
                motion, cut = camera.watch(frame), cuts.watch(frame)
                answers.append(Answered(frame.timestamp, cut, STILL if cut else motion, answer.detections))
                shown.update()
            shown.close()
    finally:
        detector.close()
    return answers
