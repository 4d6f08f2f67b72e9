"""Original and output side by side: which labelled faces can still be seen."""

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import av
import numpy as np
from tqdm import tqdm

from anoncam.errors import InputError
from tools.leakrate.covering import Covered, Mask, covered_part, faces_mask, paint, reasons
from tools.leakrate.detail import LEAST_CELLS, Luma, leaking_cells, take_detail
from tools.leakrate.labels import Face, Labelled


@dataclass(frozen=True)
class Sight:
    """One labelled face in one frame. `reason` is empty where it does not leak, or where it cannot
    be told.
    """

    track: str
    height: float
    leaks: bool
    reason: str = ""


@dataclass(frozen=True)
class Comparison:
    """One output beside its original; the areas, in parts of all pixels, are None where no boxes
    are known.
    """

    frames: int
    sights: list[Sight]
    covered: float | None = None
    falsely_covered: float | None = None


def compare(
    original: Path, output: Path, labelled: Labelled, covered: Covered | None = None
) -> Comparison:
    """Look for every labelled face of `original` in `output`.

    Raises:
        InputError: a video cannot be read, or they do not have the same number of frames as the
    labels.
    """
    pairs = zip_longest(read_luma(original, labelled), read_luma(output, labelled))
    shown = tqdm(
        pairs,
        f"compare {output.name}",
        len(labelled.faces),
        unit=" frames",
        leave=False,
        disable=None,
    )
    tally = Tally(labelled, original.stem)
    for number, (before, after) in enumerate(shown):
        if before is None or after is None or number == len(labelled.faces):
            raise InputError(f"{output}: has not as many frames as {original} and its labels")
        mask = None
        if covered is not None:
            if number >= len(covered.frames):
                raise InputError(
                    f"{output}: its program tells of {len(covered.frames)} frames only"
                )
            mask = paint(
                covered.frames[number], labelled.width, labelled.height, ellipses=covered.ellipses
            )
        faces = faces_mask(labelled, number)
        tally.add([_is_seen(before, after, face) for face in labelled.faces[number]], mask, faces)
    return tally.result()


class Tally:
    """Adds up frame after frame."""

    def __init__(self, labelled: Labelled, name: str) -> None:
        self._labelled = labelled
        self._name = name
        self._frames = 0
        self._leaks: list[bool] = []
        self._parts: list[float] = []
        self._areas: list[tuple[float, float]] = []

    def add(self, leaks: list[bool], covered: Mask | None, faces: Mask) -> None:
        """Take in the next frame: which of its faces leak, what of it is covered (if known), and
        where faces are.
        """
        self._leaks += leaks
        if covered is not None:
            self._parts += [
                covered_part(covered, face.box) for face in self._labelled.faces[self._frames]
            ]
            # A mean of booleans takes twenty times as long.
            areas = np.count_nonzero(covered), np.count_nonzero(covered & ~faces)
            self._areas.append((areas[0] / covered.size, areas[1] / covered.size))
        self._frames += 1

    def result(self) -> Comparison:
        """All of it."""
        faces = [face for frame in self._labelled.faces[: self._frames] for face in frame]
        tracks = [face.track for face in faces]
        why = reasons(self._leaks, tracks, self._parts) if self._areas else [""] * len(faces)
        sights = [
            Sight(f"{self._name}:{face.track}", face.box[3], leak, reason)
            for face, leak, reason in zip(faces, self._leaks, why, strict=True)
        ]
        if not self._areas:
            return Comparison(self._frames, sights)
        covered, false = np.mean(self._areas, axis=0).tolist()
        return Comparison(self._frames, sights, covered, false)


def read_luma(path: Path, labelled: Labelled) -> Iterator[Luma]:
    """The luma of each frame, at the size of the labels.

    Raises:
        InputError: the video cannot be read.
    """
    try:
        with av.open(path) as container:
            container.streams.video[0].thread_type = "AUTO"
            for frame in container.decode(video=0):
                plane = frame.reformat(labelled.width, labelled.height, "yuv420p").planes[0]
                rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
                yield rows[: labelled.height, : labelled.width]
    except (av.FFmpegError, IndexError) as error:
        raise InputError(f"{path}: cannot be read as a video: {error}") from error


def _is_seen(before: Luma, after: Luma, face: Face) -> bool:
    return leaking_cells(take_detail(before, face.box), take_detail(after, face.box)) >= LEAST_CELLS
