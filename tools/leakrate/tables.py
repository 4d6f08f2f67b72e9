"""Leak rates as tables in Markdown."""

from collections.abc import Sequence
from itertools import pairwise

from tools.leakrate.leak_reasons import REASONS
from tools.leakrate.summary import HEIGHTS, Summary


def program_table(summaries: Sequence[Summary]) -> list[str]:
    """The lines of a table with one column for each program."""
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


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{part:.2%}"


def curve_table(points: Sequence[Summary]) -> list[str]:
    """The lines of a table with one row for each setting."""
    rows = [
        f"| {each.program} | {each.faces} | {each.tracks} | {each.falsely_covered or 0:.2%} |"
        for each in points
    ]
    return [
        "| settings | leaked face-frames | tracks | falsely covered area |",
        "|---|---|---|---|",
        *rows,
    ]
