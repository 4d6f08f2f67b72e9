"""How often the right person is named, and how certain that figure is."""

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.stats import binomtest, hypergeom

_STANDARD_ERRORS = 1.96
"""Standard errors on either side of the mean that contain 95 % of a normal distribution."""


@dataclass(frozen=True)
class Rate:
    """A rank-1 rate from 0 to 1, its 95 % interval, and the `chance` that a guess is right."""

    rate: float
    low: float
    high: float
    chance: float

    def __str__(self) -> str:
        return f"{self.rate:.1%} ({self.low:.1%} to {self.high:.1%})"


def rate(closer: NDArray[np.bool_]) -> Rate:
    """How often nobody is closer than the right person.

    `closer` has shape (rounds, directions, people, people): whether a probe looks more like that
    person of the gallery than like the right one. The 95 % interval is the exact one of Clopper and
    Pearson (1934). Rounds repeat the same photos, so they do not count as more trials.
    """
    rounds, directions, people, _ = closer.shape
    hits = ~closer.any(axis=3)
    interval = binomtest(math.ceil(hits.sum() / rounds), directions * people).proportion_ci(
        method="exact"
    )
    return Rate(float(hits.mean()), float(interval.low), float(interval.high), 1 / people)


@dataclass(frozen=True)
class Difference:
    """How much more often one method lets people be named than another, with its 95 % interval.

    `p` is how probable as many discordant trials are on one side if there is no difference.
    """

    difference: float
    low: float
    high: float
    p: float

    def __str__(self) -> str:
        return f"{self.difference:+.1%} ({self.low:+.1%} to {self.high:+.1%}), p = {self.p:.2g}"


def difference(closer: NDArray[np.bool_], control: NDArray[np.bool_]) -> Difference:
    """Compare the same trials, hidden by a method and by the control.

    Both have the shape that `rate` takes. `p` is that of McNemar's exact test (1947). The interval
    is that of Agresti and Min (2005): Wald's, with half a trial added to each of the four cells.
    Rounds do not count as more trials.
    """
    rounds, directions, people, _ = closer.shape
    hits, others = ~closer.any(axis=3), ~control.any(axis=3)
    more, less = (hits & ~others).sum() / rounds, (others & ~hits).sum() / rounds
    trials = directions * people
    first, second = math.ceil(more), math.ceil(less)
    p = binomtest(first, first + second).pvalue if first + second else 1.0
    total, gain, discordant = trials + 2, more - less, more + less + 1
    error = math.sqrt(discordant - gain**2 / total) / total
    return Difference(
        float(gain / trials),
        float(gain / total - _STANDARD_ERRORS * error),
        float(gain / total + _STANDARD_ERRORS * error),
        float(p),
    )


def rate_among(closer: NDArray[np.bool_], count: int) -> Rate:
    """The same in smaller galleries of `count` people: the mean over all that can be drawn.

    The chance that none of the `count - 1` others who are drawn is closer is hypergeometric. Trials
    share people, as probes and in galleries. So the 95 % interval leaves out each person in turn,
    from both: the jackknife for means over all subsets of Arvesen (1969).
    """
    people = closer.shape[-1]
    ahead = closer.sum(axis=3)
    found = _none_drawn(people - 1, ahead, count - 1)
    without = np.array(
        [
            np.delete(
                _none_drawn(people - 2, ahead - closer[..., left_out], count - 1), left_out, axis=2
            ).mean()
            for left_out in range(people)
        ]
    )
    error = math.sqrt((people - 1) / people * float(((without - without.mean()) ** 2).sum()))
    middle = float(found.mean())
    return Rate(
        middle,
        max(0.0, middle - _STANDARD_ERRORS * error),
        min(1.0, middle + _STANDARD_ERRORS * error),
        1 / count,
    )


def _none_drawn(others: int, closer: NDArray[np.intp], drawn: int) -> NDArray[np.float64]:
    """The chance that none of the `closer` people is among `drawn` of `others`."""
    return np.asarray(hypergeom.pmf(0, others, closer, drawn))
