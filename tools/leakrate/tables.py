"""Leak rates as tables in Markdown."""

from collections.abc import Mapping, Sequence
from itertools import pairwise

from tools.leakrate.leak_reasons import REASONS
from tools.leakrate.summary import HEIGHTS, TIMES, Summary


def all_tables(
    programs: Sequence[Summary],
    kinds: Mapping[str, Sequence[Summary]],
    curves: Mapping[str, Sequence[Summary]],
) -> list[str]:
    """All that was measured, as tables in Markdown."""
    lines = program_table(programs)
    if len(kinds) > 1:
        lines += ["", *kind_table(kinds)]
    for name, points in curves.items():
        lines += ["", name, "", *curve_table(points)]
    return lines


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
    for low, high in pairwise(TIMES):
        if any(each.times[low].total for each in summaries):
            name = f"{low} to {high - 1}" if high != TIMES[-1] else f"{low} and more"
            rows.append(
                (f"in view for {name} frames", [str(each.times[low]) for each in summaries])
            )
    if any(each.reasons for each in summaries):
        rows += [
            (reason, [str(each.reasons[reason]) if each.reasons else "-" for each in summaries])
            for reason in REASONS
        ]
    if any(each.unseen.total for each in summaries):
        rows.append(("labels that show no face", [str(each.unseen) for each in summaries]))
    lines = [
        "| | " + " | ".join(each.program for each in summaries) + " |",
        "|---" * (len(summaries) + 1) + "|",
    ]
    return lines + [f"| {name} | {' | '.join(cells)} |" for name, cells in rows]


def _percent(part: float | None) -> str:
    return "-" if part is None else f"{part:.2%}"


def kind_table(kinds: Mapping[str, Sequence[Summary]]) -> list[str]:
    """The lines of a table with one row for each kind of clip."""
    programs = [each.program for each in next(iter(kinds.values()))]
    return [
        "| kind of clip | " + " | ".join(f"{name} | falsely covered" for name in programs) + " |",
        "|---" * (1 + 2 * len(programs)) + "|",
        *(
            f"| {kind} | "
            + " | ".join(f"{each.faces} | {_percent(each.falsely_covered)}" for each in summaries)
            + " |"
            for kind, summaries in kinds.items()
        ),
    ]


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
