"""Plots of the leak rates."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from matplotlib.figure import Figure

from tools.leakrate.leak_reasons import REASONS
from tools.leakrate.summary import HEIGHTS, Summary


def plot_summaries(summaries: Sequence[Summary], output: Path) -> None:
    """Draw leaks by face height and by reason into `output` (PNG, or SVG by its name)."""
    figure = Figure(figsize=(10, 3.6), layout="constrained")
    left, right = figure.subplots(1, 2)
    lows = [low for low in HEIGHTS[:-1] if any(each.heights[low].total for each in summaries)]
    names = [f"{low} px and more" if low == HEIGHTS[-2] else f"{low} px" for low in lows]
    for number, each in enumerate(summaries):
        places = [place + number * 0.8 / len(summaries) for place in range(len(lows))]
        shares = [100 * each.heights[low].leaked / max(1, each.heights[low].total) for low in lows]
        left.bar(places, shares, 0.8 / len(summaries), label=each.program)
    left.set_xticks([place + 0.4 - 0.4 / len(summaries) for place in range(len(lows))], names)
    left.set(title="leaked face-frames by face height (from)", ylabel="%")
    left.legend(fontsize="small")
    bottoms = [0.0] * len(summaries)
    for reason in REASONS:
        parts = [100 * each.reasons.get(reason, 0) / max(1, each.faces.total) for each in summaries]
        right.bar([each.program for each in summaries], parts, 0.5, bottom=bottoms, label=reason)
        bottoms = [bottom + part for bottom, part in zip(bottoms, parts, strict=True)]
    right.set(title="leaked face-frames by reason", ylabel="%")
    right.legend(fontsize="small")
    figure.savefig(output, dpi=90)


def plot_trade_off(
    curves: Mapping[str, Sequence[Summary]], points: Sequence[Summary], output: Path
) -> None:
    """Draw leaked face-frames over falsely covered area: settings as curves, programs as points."""
    figure = Figure(figsize=(6.4, 4.4), layout="constrained")
    axes = figure.subplots()
    for name, curve in curves.items():
        axes.plot(*_places(curve), marker=".", label=name, linewidth=1)
        for each, x, y in zip(curve, *_places(curve), strict=True):
            axes.annotate(
                each.program, (x, y), fontsize=5, xytext=(2, 2), textcoords="offset points"
            )
    for each in points:
        if each.falsely_covered is not None:
            axes.plot(*_places([each]), marker="*", markersize=10, linestyle="", label=each.program)
    axes.set(xlabel="falsely covered area, % of the picture", ylabel="leaked face-frames, %")
    axes.set(xlim=(0, None), ylim=(0, None))
    axes.grid(visible=True, alpha=0.3)
    axes.legend(fontsize="x-small")
    figure.savefig(output, dpi=110)


def _places(summaries: Sequence[Summary]) -> tuple[list[float], list[float]]:
    false = [100 * (each.falsely_covered or 0.0) for each in summaries]
    return false, [100 * each.faces.leaked / max(1, each.faces.total) for each in summaries]
