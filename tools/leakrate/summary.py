"""Leak rates in numbers: by program, by face height and by reason."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tools.leakrate.comparison import Comparison, FaceFrame
from tools.leakrate.leak_reasons import REASONS

HEIGHTS = (12, 20, 32, 48, 80, 10_000)
"""The edges of the classes of face height, in pixels."""

TIMES = (1, 4, 10, 20, 1_000_000)
"""The edges of the classes of time in view, in frames."""


@dataclass(frozen=True)
class Share:
    """A number that leaked, of a total."""

    leaked: int
    total: int

    def __str__(self) -> str:
        return (
            f"{self.leaked / self.total:.2%} ({self.leaked} of {self.total})" if self.total else "-"
        )


@dataclass(frozen=True)
class Summary:
    """One program over all clips.

    `heights` has the least height of a class as its key, `times` the least number of frames in
    view. Only `unseen` is of labels in which no face can be seen. The areas are parts of all
    pixels, `seconds` are processor time.
    """

    program: str
    faces: Share
    tracks: Share
    heights: dict[int, Share]
    times: dict[int, Share]
    reasons: dict[str, int]
    covered: float | None
    falsely_covered: float | None
    frames: int
    seconds: float | None
    unseen: Share


def summarise(
    program: str, comparisons: Sequence[Comparison], seconds: float | None = None
) -> Summary:
    """Sum up all clips of one program; a track leaks when it leaks in any frame."""
    labelled = [face for comparison in comparisons for face in comparison.face_frames]
    face_frames = [face for face in labelled if not face.unseen]
    leaking = {face.track for face in face_frames if face.leaks}
    counted = Counter(face.reason for face in face_frames if face.reason)
    return Summary(
        program,
        _share(face_frames),
        Share(len(leaking), len({face.track for face in face_frames})),
        {
            low: _share([face for face in face_frames if low <= face.height < high])
            for low, high in pairwise(HEIGHTS)
        },
        {
            low: _share([face for face in face_frames if low <= face.in_view < high])
            for low, high in pairwise(TIMES)
        },
        {reason: counted[reason] for reason in REASONS} if counted else {},
        _mean([(each.covered, each.frames) for each in comparisons]),
        _mean([(each.falsely_covered, each.frames) for each in comparisons]),
        sum(each.frames for each in comparisons),
        seconds,
        _share([face for face in labelled if face.unseen]),
    )


def _share(face_frames: Sequence[FaceFrame]) -> Share:
    return Share(sum(face.leaks for face in face_frames), len(face_frames))


def _mean(weighted: Sequence[tuple[float | None, int]]) -> float | None:
    known = [(value, weight) for value, weight in weighted if value is not None]
    total = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / total if total else None
