"""Original and output side by side: the labelled faces that can still be seen."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import zip_longest
from pathlib import Path

import av
import numpy as np
from tqdm import tqdm

from anoncam.errors import InputError
from tools.leakrate.coverage_mask import Mask, covered_part, faces_mask, paint
from tools.leakrate.detail import LEAST_CELLS, Luma, leaking_cells, take_detail
from tools.leakrate.labels import Face, LabelledClip
from tools.leakrate.leak_reasons import leak_reasons
from tools.leakrate.reported_coverage import ReportedCoverage


@dataclass(frozen=True)
class FaceFrame:
    """One labelled face in one frame; `height` is in pixels.

    `reason` is empty where the face does not leak, and where nothing is known of the coverage.
    `in_view` is for how many frames its track counts.
    """

    track: str
    height: float
    leaks: bool
    reason: str = ""
    unseen: bool = False
    in_view: int = 0


@dataclass(frozen=True)
class Comparison:
    """One output beside its original.

    `covered` and `falsely_covered` are parts of all pixels, or None where no coverage is known.
    """

    frames: int
    face_frames: list[FaceFrame]
    covered: float | None = None
    falsely_covered: float | None = None


def compare(
    original: Path, output: Path, labelled: LabelledClip, covered: ReportedCoverage | None = None
) -> Comparison:
    """Look for every labelled face of `original` in `output`.

    Raises:
        InputError: a video cannot be read, or has another number of frames than the labels.
    """
    pairs = zip_longest(read_luma(original, labelled), read_luma(output, labelled))
    bar = tqdm(
        pairs,
        f"compare {output.name}",
        len(labelled.faces),
        unit=" frames",
        leave=False,
        disable=None,
    )
    builder = ComparisonBuilder(labelled, original.stem)
    for number, (before, after) in enumerate(bar):
        if before is None or after is None or number == len(labelled.faces):
            raise InputError(f"{output}: does not have as many frames as {original} and its labels")
        mask = None
        if covered is not None:
            if number >= len(covered.frames):
                raise InputError(f"{output}: its program reports only {len(covered.frames)} frames")
            mask = paint(
                covered.frames[number], labelled.width, labelled.height, ellipses=covered.ellipses
            )
        faces = faces_mask(labelled, number)
        builder.add([_is_seen(before, after, face) for face in labelled.faces[number]], mask, faces)
    return builder.result()


class ComparisonBuilder:
    """Adds up one frame after the other."""

    def __init__(self, labelled: LabelledClip, name: str) -> None:
        self._labelled = labelled
        self._name = name
        self._frames = 0
        self._leaks: list[bool] = []
        self._parts: list[float] = []
        self._areas: list[tuple[float, float]] = []

    def add(self, leaks: list[bool], covered: Mask | None, faces: Mask) -> None:
        """Add the next frame: which of its faces leak, what is covered, where faces are."""
        self._leaks += leaks
        if covered is not None:
            self._parts += [
                covered_part(covered, face.box) for face in self._labelled.faces[self._frames]
            ]
            # np.mean takes twenty times as long on booleans.
            areas = np.count_nonzero(covered), np.count_nonzero(covered & ~faces)
            self._areas.append((areas[0] / covered.size, areas[1] / covered.size))
        self._frames += 1

    def result(self) -> Comparison:
        """The comparison of all frames so far."""
        faces = [face for frame in self._labelled.faces[: self._frames] for face in frame]
        tracks = [face.track for face in faces]
        reasons = (
            leak_reasons(self._leaks, tracks, self._parts) if self._areas else [""] * len(faces)
        )
        in_view = Counter(tracks)
        face_frames = [
            FaceFrame(
                f"{self._name}:{face.track}",
                face.box[3],
                leak,
                reason,
                face.unseen,
                in_view[face.track],
            )
            for face, leak, reason in zip(faces, self._leaks, reasons, strict=True)
        ]
        if not self._areas:
            return Comparison(self._frames, face_frames)
        covered, false = np.mean(self._areas, axis=0).tolist()
        return Comparison(self._frames, face_frames, covered, false)


def read_luma(path: Path, labelled: LabelledClip) -> Iterator[Luma]:
    """Yield the luma of each frame, scaled to the size of the labels.

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
