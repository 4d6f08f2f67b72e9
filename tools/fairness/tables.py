"""The groups as a table in Markdown."""

from collections.abc import Sequence

from tools.fairness.groups import Count, Group, worst_to_best


def group_table(found: Sequence[Group]) -> list[str]:
    """The lines of a table with one row for each group."""
    lines = [
        "| | faces | missed | at equal size | clear ones missed | leaked | at equal size |",
        "|---|---|---|---|---|---|---|",
    ]
    lines += [
        f"| {each.attribute} {each.value} | {each.missed.total} | {_rate(each.missed)} |"
        f" {each.missed.matched:.1%} | {_clear(each)} | {_rate(each.leaks)} |"
        f" {each.leaks.matched:.1%} |"
        for each in found
    ]
    for attribute in dict.fromkeys(each.attribute for each in found):
        ratio = worst_to_best(found, attribute)
        if ratio is not None:
            lines.append(f"| {attribute}, worst to best | | | {ratio:.2f} | | | |")
    return lines


def _clear(group: Group) -> str:
    clear = group.clear_missed
    return f"{_rate(clear)} of {clear.total}" if clear else "-"


def _rate(count: Count) -> str:
    return f"{count.count / count.total:.1%} ({count.low:.1%} to {count.high:.1%})"
