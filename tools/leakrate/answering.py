"""The detector's answers to every frame of a clip, asked once and kept: settings are then compared
in no time.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import DetectorSettings
from anoncam.detectors import model_file
from anoncam.detectors.detector import Detections
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.errors import DetectorError
from anoncam.frames.pool import FramePool
from anoncam.motion.camera_motion import STILL, CameraMotion, Motion
from anoncam.motion.cells import Cells, take_cells
from anoncam.motion.scene_cuts import Replacement, Scene, SceneCuts
from anoncam.sources.file import FileSource

FLOOR = 0.04
"""The least score that is kept; no setting below it can be compared."""


@dataclass(frozen=True)
class Answered:
    """One frame: its timestamp in nanoseconds, and what was found in it.

    `scene` tells whether a new one begins with it, `motion` how the camera has moved since the one
    before.
    """

    timestamp: int
    scene: Scene
    motion: Motion
    detections: Detections


def ask(clip: Path, settings: DetectorSettings, cache: Path) -> list[Answered]:
    """The answers to all frames of `clip`; taken from `cache` where they were asked before.

    Raises:
        InputError: the clip cannot be read.
        DetectorError: the detector does not answer.
    """
    kept = cache / f"{clip.stem}-{model_file.find(settings.model).sha256[:12]}.npz"
    if not kept.exists():
        answers = _ask(clip, settings)
        cache.mkdir(parents=True, exist_ok=True)
        gone = [each.scene.gone for each in answers if each.scene.gone is not None]
        np.savez(
            kept,
            timestamps=[each.timestamp for each in answers],
            cuts=[each.scene.begins for each in answers],
            gone=[number for number, each in enumerate(answers) if each.scene.gone is not None],
            gone_moments=[(each.since, each.timestamp) for each in gone],
            gone_cells=[(each.before.means, each.after.means) for each in gone],
            side=gone[0].before.side if gone else 0,
            motions=[(each.motion.zoom, each.motion.right, each.motion.down) for each in answers],
            counts=[len(each.detections) for each in answers],
            rows=np.concatenate(
                [np.empty((0, 5), np.float32), *(each.detections for each in answers)]
            ),
        )
    with np.load(kept) as content:
        parts = np.split(content["rows"], np.cumsum(content["counts"])[:-1])
        motions = [Motion(*motion) for motion in content["motions"].tolist()]
        replaced = _replaced(content)
        scenes = [
            Scene(cut, replaced.get(number)) for number, cut in enumerate(content["cuts"].tolist())
        ]
        return list(map(Answered, content["timestamps"].tolist(), scenes, motions, parts))


def _replaced(content: Mapping[str, NDArray[Any]]) -> dict[int, Replacement]:
    """By the number of the frame with which it is known, the scene that has gone."""
    side = int(content["side"])
    each = zip(
        content["gone"].tolist(),
        content["gone_moments"].tolist(),
        content["gone_cells"],
        strict=True,
    )
    return {
        number: Replacement(since, timestamp, Cells(before, side), Cells(after, side))
        for number, (since, timestamp), (before, after) in each
    }


def _ask(clip: Path, settings: DetectorSettings) -> list[Answered]:
    answers: list[Answered] = []
    cuts, camera = SceneCuts(), CameraMotion()
    detector = DetectorProcess(settings, FLOOR)
    try:
        with FileSource(clip, paced=False, loop=False, clock=SystemClock(), stop=Stop()) as source:
            frame = FramePool(source.format, 1).acquire()
            assert frame is not None
            shown = tqdm(
                desc=f"detect in {clip.name}",
                total=source.frames,
                unit=" frames",
                leave=False,
                disable=None,
            )
            while (taken := source.read()) is not None:
                taken.copy_into(frame)
                taken.close()
                detector.submit(frame, frame.timestamp)
                answer = detector.collect(settings.result_timeout)
                if answer is None:
                    raise DetectorError("the detector does not answer")
                cells = take_cells(frame)
                motion, scene = camera.watch(cells), cuts.watch(cells, frame.timestamp)
                answers.append(
                    Answered(
                        frame.timestamp, scene, STILL if scene.begins else motion, answer.detections
                    )
                )
                shown.update()
            shown.close()
    finally:
        detector.close()
    return answers
