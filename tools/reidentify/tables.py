"""Identification rates as tables and as figures."""

from collections.abc import Callable, Mapping
from dataclasses import asdict
from functools import partial
from typing import Any

import numpy as np
from numpy.typing import NDArray

from tools.reidentify.attackers import Closer
from tools.reidentify.identification_rate import Difference, Rate, difference, rate, rate_among
from tools.reidentify.methods import control_of

GALLERIES = (10, 30, 60)
"""Numbers of people in the smaller galleries, in which only the default is measured."""


def rates(
    row: Mapping[str, list[list[Closer]]], measure: Callable[[NDArray[np.bool_]], Rate] = rate
) -> dict[str, Rate]:
    """The rate of each attacker."""
    return {attacker: measure(np.array(found)) for attacker, found in row.items()}


def gallery_rates(row: Mapping[str, list[list[Closer]]]) -> dict[str, dict[str, Rate]]:
    """The rate of each attacker in galleries of different sizes."""
    people = len(next(iter(row.values()))[0][0])
    smaller = [count for count in GALLERIES if count < people]
    smaller_rates = {
        f"{count} people": rates(row, partial(rate_among, count=count)) for count in smaller
    }
    return {**smaller_rates, f"all {people}": rates(row)}


def differences(
    found: Mapping[str, Mapping[str, list[list[Closer]]]],
) -> dict[str, dict[str, Difference]]:
    """By method and attacker: what is more than behind its control, on the same trials."""
    return {
        name: {
            attacker: difference(np.array(each), np.array(found[control_of(name)][attacker]))
            for attacker, each in row.items()
        }
        for name, row in found.items()
        if name != control_of(name) in found
    }


def difference_table(by_name: Mapping[str, Mapping[str, Difference]], title: str) -> str:
    """The differences as a table in Markdown."""
    attackers = list(next(iter(by_name.values())))
    lines = [f"| {title} | {' | '.join(attackers)} |", "|---" * (len(attackers) + 1) + "|"]
    for name, row in by_name.items():
        lines.append(f"| {name} | {' | '.join(str(row[attacker]) for attacker in attackers)} |")
    return "\n".join(lines)


def figures(
    tables: Mapping[int, Mapping[str, Mapping[str, Rate | Difference]]],
) -> dict[int, Any]:
    """The rates or differences for JSON."""
    return {
        count: {
            name: {attacker: asdict(found) for attacker, found in row.items()}
            for name, row in by_name.items()
        }
        for count, by_name in tables.items()
    }


def table(by_name: Mapping[str, Mapping[str, Rate]], title: str) -> str:
    """A table in Markdown; its last column compares the worst attacker with chance."""
    attackers = list(next(iter(by_name.values())))
    lines = [
        f"| {title} | {' | '.join(attackers)} | worst, of chance |",
        "|---" * (len(attackers) + 2) + "|",
    ]
    for name, row in by_name.items():
        worst = max(row.values(), key=lambda each: each.rate)
        cells = " | ".join(str(row[attacker]) for attacker in attackers)
        lines.append(f"| {name} | {cells} | {worst.rate / worst.chance:.1f} times |")
    return "\n".join(lines)
