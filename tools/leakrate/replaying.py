"""What leaks by other settings: the window and the tracker of the daemon over answers that were
kept.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import AbstractContextManager, nullcontext
from dataclasses import replace
from pathlib import Path
from typing import TypeVar
from unittest.mock import patch

import numpy as np
from tqdm import tqdm

from anoncam.clock import SystemClock
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.frame import Frame, FrameFormat, lay_out, tight
from anoncam.motion.camera_motion import STILL
from anoncam.pipeline.window import Window
from anoncam.tracking import tracker
from tools.leakrate.answering import Answered
from tools.leakrate.comparing import Comparison, Tally, read_luma
from tools.leakrate.covering import Covered, Mask, covered_part, faces_mask, paint
from tools.leakrate.detail import LEAST_CELLS, Luma, leaking_cells, take_detail
from tools.leakrate.labels import Face, Labelled
from tools.leakrate.run_anoncam import painted
from tools.leakrate.settings import Setting

Name = TypeVar("Name")


def replay(answers: Sequence[Answered], width: int, height: int, setting: Setting) -> Covered:
    """What the pipeline covers by `setting` in a clip of these answers and this size."""
    config = setting.config
    window = Window(config, live=False, clock=SystemClock())
    by_moment = {each.timestamp: each.detections for each in answers}
    picture = tight(width, height)
    frames = []

    def settle() -> None:
        while (frame := window.next_to_infer(0)) is not None:
            window.submitted(frame)
            found = by_moment[frame.timestamp]
            said = found[found[:, 4] >= config.coverage.least_score]
            window.add_result(DetectionResult(frame.timestamp, said, complete=True, latency=0.0))
        while (ready := window.take_ready()) is not None:
            frames.append(painted(ready[1], config.anonymizer, picture))

    weighing: AbstractContextManager[object] = (
        nullcontext()
        if setting.weigh
        else patch.object(tracker, "calibrate", lambda scores, *_: scores)
    )
    with weighing:
        for each in answers:
            scene = each.scene if setting.end_at_cuts else replace(each.scene, gone=None)
            motion = each.motion if setting.follow_camera else STILL
            window.put(_frame(each.timestamp, picture), scene=scene, motion=motion)
            settle()
        window.end()
        settle()
    return Covered(ellipses=False, frames=frames)


def compare_all(
    clip: Path, labelled: Labelled, covered: Mapping[Name, Covered]
) -> dict[Name, Comparison]:
    """What would leak if the covered pixels were flat, and nothing were lost by encoding.

    Raises:
        InputError: the clip cannot be read.
    """
    tallies = {name: Tally(labelled, clip.stem) for name in covered}
    for number, luma in enumerate(_shown(clip, labelled)):
        faces = faces_mask(labelled, number)
        for name, each in covered.items():
            mask = paint(
                each.frames[number], labelled.width, labelled.height, ellipses=each.ellipses
            )
            tallies[name].add(
                [_is_seen(luma, mask, face) for face in labelled.faces[number]], mask, faces
            )
    return {name: tally.result() for name, tally in tallies.items()}


def _shown(clip: Path, labelled: Labelled) -> Iterator[Luma]:
    lumas = read_luma(clip, labelled)
    yield from tqdm(
        lumas,
        f"settings on {clip.name}",
        len(labelled.faces),
        unit=" frames",
        leave=False,
        disable=None,
    )


def _frame(timestamp: int, form: FrameFormat) -> Frame:
    """A frame that nobody looks into."""
    smallest = tight(2, 2)
    picture = lay_out(np.zeros((smallest.rows, smallest.stride), np.uint8), smallest)
    return Frame(form, picture.buffer, picture.luma, picture.chroma, timestamp=timestamp)


def _is_seen(luma: Luma, mask: Mask, face: Face) -> bool:
    part = covered_part(mask, face.box)
    if part in (0.0, 1.0):
        return part == 0.0
    x, y, width, height = face.box
    margin = height / 2
    rows = slice(max(0, int(y - margin)), int(y + height + margin))
    columns = slice(max(0, int(x - margin)), int(x + width + margin))
    near = luma[rows, columns]
    covered = np.where(mask[rows, columns], near.mean().astype(np.uint8), near)
    box = (x - columns.start, y - rows.start, width, height)
    return leaking_cells(take_detail(near, box), take_detail(covered, box)) >= LEAST_CELLS
