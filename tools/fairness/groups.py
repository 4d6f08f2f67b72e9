"""Misses and leaks by group, at equal size of the faces."""

from collections.abc import Sequence
from dataclasses import dataclass, fields
from itertools import pairwise

from scipy.stats import binomtest

from tools.dataset.attributes import Attributes
from tools.fairness.measurement import SMALLEST, Outcome

SIZES = (SMALLEST, 32.0, 48.0, 80.0, float("inf"))
"""The edges of the classes of height, in pixels."""

FEWEST = 100
"""Faces below which a group counts for no ratio: chance would decide."""


@dataclass(frozen=True)
class Count:
    """So many of `total` faces; `low` and `high` are the exact interval of Clopper and Pearson.

    It holds the true rate with 95 %. `matched` is the rate that the group would have if its faces
    were as large as those of all groups together: the mean over the classes of `SIZES`, weighted by
    how many faces of all groups are in each.
    """

    count: int
    total: int
    low: float
    high: float
    matched: float


@dataclass(frozen=True)
class Group:
    """The faces of which `attribute` has one value.

    `clear_missed` counts those alone that are clear (`Attributes.is_clear`): groups also differ in
    how often their faces are hidden, turned or blurred. It is None where no face is clear.
    """

    attribute: str
    value: str
    missed: Count
    clear_missed: Count | None
    leaks: Count


def groups(outcomes: Sequence[Outcome]) -> list[Group]:
    """All groups, by attribute, and by value in alphabetical order."""
    found = []
    for field in fields(Attributes):
        known = [each for each in outcomes if getattr(each.attributes, field.name)]
        weights = _weights(known)
        clear_weights = _weights([each for each in known if each.attributes.is_clear])
        for value in sorted({getattr(each.attributes, field.name) for each in known}):
            members = [each for each in known if getattr(each.attributes, field.name) == value]
            clear = [(each.height, each.missed) for each in members if each.attributes.is_clear]
            found.append(
                Group(
                    field.name,
                    value,
                    _count([(each.height, each.missed) for each in members], weights),
                    _count(clear, clear_weights) if clear else None,
                    _count([(each.height, each.leaks) for each in members], weights),
                )
            )
    return found


def worst_to_best(found: Sequence[Group], attribute: str) -> float | None:
    """The ratio of the matched rates of misses, of the groups that have at least `FEWEST` faces."""
    rates = [
        each.missed.matched
        for each in found
        if each.attribute == attribute and each.missed.total >= FEWEST
    ]
    return max(rates) / min(rates) if rates and min(rates) > 0 else None


def _weights(faces: Sequence[Outcome]) -> list[float]:
    """The share of the faces in each class of height."""
    return [
        sum(low <= each.height < high for each in faces) / len(faces) if faces else 0.0
        for low, high in pairwise(SIZES)
    ]


def _count(faces: Sequence[tuple[float, bool]], weights: Sequence[float]) -> Count:
    count = sum(failed for _, failed in faces)
    interval = binomtest(count, len(faces)).proportion_ci(method="exact")
    matched = total = 0.0
    for weight, (low, high) in zip(weights, pairwise(SIZES), strict=True):
        inside = [failed for height, failed in faces if low <= height < high]
        if inside:
            matched += weight * sum(inside) / len(inside)
            total += weight
    return Count(count, len(faces), float(interval.low), float(interval.high), matched / total)
