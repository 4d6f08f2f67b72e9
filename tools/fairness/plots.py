"""A plot of the misses by group."""

from collections.abc import Sequence
from pathlib import Path

from matplotlib.figure import Figure

from tools.fairness.groups import Group

SHOWN = ("skin", "age", "gender")


def plot_groups(found: Sequence[Group], output: Path) -> None:
    """Draw the misses of perceived groups of people, with intervals, into `output`."""
    figure = Figure(figsize=(9, 3.2), layout="constrained")
    for axes, attribute in zip(figure.subplots(1, len(SHOWN), sharey=True), SHOWN, strict=True):
        each = [group for group in found if group.attribute == attribute]
        places = list(range(len(each)))
        rates = [100 * group.missed.count / group.missed.total for group in each]
        below = [rate - 100 * group.missed.low for rate, group in zip(rates, each, strict=True)]
        above = [100 * group.missed.high - rate for rate, group in zip(rates, each, strict=True)]
        axes.errorbar(places, rates, (below, above), fmt="o", capsize=3, label="all sizes")
        matched = [100 * group.missed.matched for group in each]
        axes.plot(places, matched, linestyle="", marker="_", markersize=14, label="at equal size")
        clear = [
            (place, 100 * group.clear_missed.count / group.clear_missed.total)
            for place, group in zip(places, each, strict=True)
            if group.clear_missed
        ]
        axes.plot(*zip(*clear, strict=True), linestyle="", marker="x", label="clear ones")
        axes.set_xticks(places, [f"{group.value}\n{group.missed.total}" for group in each])
        axes.tick_params(axis="x", labelsize="x-small")
        axes.set(title=f"perceived {attribute}", xlim=(-0.6, len(each) - 0.4), ylim=(0, None))
        axes.grid(axis="y", alpha=0.3)
    figure.axes[0].set_ylabel("faces missed, %")
    figure.axes[0].legend(fontsize="x-small")
    figure.savefig(output, dpi=90)
