"""The detections of every frame of a clip, kept in a file: other settings need no detector."""

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
"""The least score that is kept. Settings below it cannot be compared."""


@dataclass(frozen=True)
class FrameDetections:
    """The detections of one frame, with what else the tracker needs.

    `timestamp` is in nanoseconds; `motion` is that of the camera since the previous frame.
    """

    timestamp: int
    scene: Scene
    motion: Motion
    detections: Detections


def read_detections(clip: Path, settings: DetectorSettings, cache: Path) -> list[FrameDetections]:
    """Detect in all frames of `clip`, or read the detections from `cache` where they are kept.

    Raises:
        InputError: the clip cannot be read.
        DetectorError: the detector gives no result.
    """
    kept = cache / f"{clip.stem}-{model_file.find(settings.model).sha256[:12]}.detections.npz"
    if not kept.exists():
        frames = _detect(clip, settings)
        cache.mkdir(parents=True, exist_ok=True)
        gone = [each.scene.gone for each in frames if each.scene.gone is not None]
        np.savez(
            kept,
            timestamps=[each.timestamp for each in frames],
            cuts=[each.scene.begins for each in frames],
            gone=[number for number, each in enumerate(frames) if each.scene.gone is not None],
            gone_timestamps=[(each.since, each.timestamp) for each in gone],
            gone_cells=[(each.before.means, each.after.means) for each in gone],
            side=gone[0].before.side if gone else 0,
            motions=[(each.motion.zoom, each.motion.right, each.motion.down) for each in frames],
            counts=[len(each.detections) for each in frames],
            rows=np.concatenate(
                [np.empty((0, 5), np.float32), *(each.detections for each in frames)]
            ),
        )
    with np.load(kept) as content:
        parts = np.split(content["rows"], np.cumsum(content["counts"])[:-1])
        motions = [Motion(*motion) for motion in content["motions"].tolist()]
        replaced = _replaced(content)
        scenes = [
            Scene(cut, replaced.get(number)) for number, cut in enumerate(content["cuts"].tolist())
        ]
        return list(map(FrameDetections, content["timestamps"].tolist(), scenes, motions, parts))


def _replaced(content: Mapping[str, NDArray[Any]]) -> dict[int, Replacement]:
    """The scenes that have been replaced, by the number of the frame at which that is known."""
    side = int(content["side"])
    each = zip(
        content["gone"].tolist(),
        content["gone_timestamps"].tolist(),
        content["gone_cells"],
        strict=True,
    )
    return {
        number: Replacement(since, timestamp, Cells(before, side), Cells(after, side))
        for number, (since, timestamp), (before, after) in each
    }


def _detect(clip: Path, settings: DetectorSettings) -> list[FrameDetections]:
    frames: list[FrameDetections] = []
    cuts, camera = SceneCuts(), CameraMotion()
    detector = DetectorProcess(settings, FLOOR)
    try:
        with FileSource(clip, paced=False, loop=False, clock=SystemClock(), stop=Stop()) as source:
            frame = FramePool(source.format, 1).acquire()
            assert frame is not None
            bar = tqdm(
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
                result = detector.collect(settings.result_timeout)
                if result is None:
                    raise DetectorError("the detector gives no result")
                cells = take_cells(frame)
                motion, scene = camera.watch(cells), cuts.watch(cells, frame.timestamp)
                frames.append(
                    FrameDetections(
                        frame.timestamp, scene, STILL if scene.begins else motion, result.detections
                    )
                )
                bar.update()
            bar.close()
    finally:
        detector.close()
    return frames
