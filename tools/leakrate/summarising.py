"""Leak rates in numbers: by program, by face height and by reason."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

from tools.leakrate.comparing import Comparison, Sight

HEIGHTS = (12, 20, 32, 48, 80, 10_000)
"""Pixels: the edges of the classes of face height."""

REASONS = ("never detected", "found late", "lost", "box too small")


@dataclass(frozen=True)
class Share:
    """So many of so many."""

    leaked: int
    total: int

    def __str__(self) -> str:
        return (
            f"{self.leaked / self.total:.2%} ({self.leaked} of {self.total})" if self.total else "-"
        )


@dataclass(frozen=True)
class Summary:
    """One program over all clips; `heights` by the least height of a class.

    Areas are in parts of all pixels, `seconds` are processor time.
    """

    program: str
    faces: Share
    tracks: Share
    heights: dict[int, Share]
    reasons: dict[str, int]
    covered: float | None
    falsely_covered: float | None
    frames: int
    seconds: float | None


def summarise(
    program: str, comparisons: Sequence[Comparison], seconds: float | None = None
) -> Summary:
    """Put all clips of one program together; a track leaks when it does in any frame."""
    sights = [sight for comparison in comparisons for sight in comparison.sights]
    leaking = {sight.track for sight in sights if sight.leaks}
    counted = Counter(sight.reason for sight in sights if sight.reason)
    return Summary(
        program,
        _share(sights),
        Share(len(leaking), len({sight.track for sight in sights})),
        {
            low: _share([sight for sight in sights if low <= sight.height < high])
            for low, high in pairwise(HEIGHTS)
        },
        {reason: counted[reason] for reason in REASONS} if counted else {},
        _mean([(each.covered, each.frames) for each in comparisons]),
        _mean([(each.falsely_covered, each.frames) for each in comparisons]),
        sum(each.frames for each in comparisons),
        seconds,
    )


def table(summaries: Sequence[Summary]) -> list[str]:
    """The table as Markdown: one column for each program."""
    rows: list[tuple[str, list[str]]] = [
        ("leaked face-frames", [str(each.faces) for each in summaries]),
        ("tracks that leak in any frame", [str(each.tracks) for each in summaries]),
        ("falsely covered area", [_percent(each.falsely_covered) for each in summaries]),
        ("covered area", [_percent(each.covered) for each in summaries]),
        (
            "processor time per frame",
            [
                f"{1000 * each.seconds / each.frames:.1f} ms" if each.seconds else "-"
                for each in summaries
            ],
        ),
    ]
    for low, high in pairwise(HEIGHTS):
        if any(each.heights[low].total for each in summaries):
            name = (
                f"faces of {low} to {high} px"
                if high != HEIGHTS[-1]
                else f"faces of {low} px and more"
            )
            rows.append((name, [str(each.heights[low]) for each in summaries]))
    if any(each.reasons for each in summaries):
        rows += [
            (reason, [str(each.reasons[reason]) if each.reasons else "-" for each in summaries])
            for reason in REASONS
        ]
    lines = [
        "| | " + " | ".join(each.program for each in summaries) + " |",
        "|---" * (len(summaries) + 1) + "|",
    ]
    return lines + [f"| {name} | {' | '.join(cells)} |" for name, cells in rows]


def _share(sights: Sequence[Sight]) -> Share:
    return Share(sum(sight.leaks for sight in sights), len(sights))


def _mean(weighted: Sequence[tuple[float | None, int]]) -> float | None:
    known = [(value, weight) for value, weight in weighted if value is not None]
    total = sum(weight for _, weight in known)
    return sum(value * weight for value, weight in known) / total if total else None


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{part:.2%}"
