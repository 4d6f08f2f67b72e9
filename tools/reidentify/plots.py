"""Plots of the identification rates, and a sheet of hidden portraits."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
from matplotlib.figure import Figure
from PIL import Image

from tools.reidentify.identification_rate import Rate
from tools.reidentify.methods import Method
from tools.reidentify.portraits import Portrait


def draw_rates(rates: Mapping[str, Mapping[str, Rate]], output: Path) -> None:
    """Draw a bar with its interval for each method and attacker into `output` (PNG)."""
    names, attackers = list(rates), list(next(iter(rates.values())))
    figure = Figure(figsize=(9, 1 + 0.55 * len(names)), layout="constrained")
    axes = figure.subplots()
    height = 0.8 / len(attackers)
    for number, attacker in enumerate(attackers):
        found = [rates[name][attacker] for name in names]
        values = [100 * each.rate for each in found]
        errors = (
            np.array(
                [[each.rate - min(each.low, each.rate), each.high - each.rate] for each in found]
            ).T
            * 100
        )
        places = np.arange(len(names)) + height * (number - (len(attackers) - 1) / 2)
        axes.barh(places, values, height, xerr=errors, label=attacker, error_kw={"elinewidth": 0.7})
    chance = 100 * next(iter(rates[names[0]].values())).chance
    axes.axvline(chance, color="black", linewidth=0.8)
    axes.axvline(
        2 * chance, color="black", linewidth=0.8, linestyle="--", label="chance, and twice chance"
    )
    axes.set_xscale("symlog", linthresh=5)
    axes.set_xticks([0, 1, 2, 5, 10, 20, 50, 100], ["0", "1", "2", "5", "10", "20", "50", "100"])
    axes.set(xlim=(0, 110), xlabel="people named at once, %")
    axes.set_yticks(range(len(names)), names)
    axes.invert_yaxis()
    axes.legend(fontsize="small", loc="lower right")
    figure.savefig(output, dpi=110)


def draw_frames(rates: Mapping[str, Mapping[int, Rate]], output: Path) -> None:
    """Draw the rate of each method over the number of averaged frames into `output` (PNG)."""
    figure = Figure(figsize=(7, 4), layout="constrained")
    axes = figure.subplots()
    for name, found in rates.items():
        counts = list(found)
        axes.plot(counts, [100 * each.rate for each in found.values()], marker="o", label=name)
        low, high = (
            [100 * getattr(each, end) for each in found.values()] for end in ("low", "high")
        )
        axes.fill_between(counts, low, high, alpha=0.12)
        chance = 100 * next(iter(found.values())).chance
    axes.axhline(2 * chance, color="black", linewidth=0.8, linestyle="--", label="twice chance")
    axes.set_xscale("log", base=2)
    axes.set_xticks(counts, [str(count) for count in counts])
    axes.set(ylim=(0, None), xlabel="frames averaged", ylabel="people named at once, %")
    axes.legend(fontsize="small")
    figure.savefig(output, dpi=110)


def draw_sheet(methods: Sequence[Method], portraits: Sequence[Portrait], output: Path) -> None:
    """Draw a row of hidden portraits for each method into `output` (PNG)."""
    rows = []
    for method in methods:
        hide = method.make()
        rows.append(
            np.concatenate(
                [hide(each.picture, each.box, each.person)[0] for each in portraits], axis=1
            )
        )
    Image.fromarray(np.concatenate(rows)).save(output)
