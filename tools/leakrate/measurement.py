"""Programs and settings rates over clips."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

from tqdm import tqdm

from anoncam.config.schema import Config
from tools.leakrate.comparison import Comparison, compare
from tools.leakrate.detection_cache import read_detections
from tools.leakrate.flat_comparison import compare_all
from tools.leakrate.labels import read_labels
from tools.leakrate.programs import Program, run
from tools.leakrate.replay import replay
from tools.leakrate.settings import Setting, curves
from tools.leakrate.summary import Summary, summarise


@dataclass(frozen=True)
class LeakRates:
    """Everything that was measured: the programs, and the settings of each curve.

    `kinds` has the programs on each clip by itself, by the kind or the name of the clip.
    """

    clips: list[str]
    programs: list[Summary]
    kinds: dict[str, list[Summary]]
    curves: dict[str, list[Summary]]


def measure_program(
    program: Program, clips: Sequence[Path], cache: Path, *, reuse: bool
) -> tuple[Summary, list[Summary]]:
    """Run `program` over all clips and compare what it made with the originals.

    Returns:
        The summary of all clips, and that of each.
    """
    cache.mkdir(parents=True, exist_ok=True)
    comparisons: list[Comparison] = []
    seconds: list[float] = []
    for clip in tqdm(clips, program.name, unit="clip", leave=False, disable=None):
        labelled = read_labels(clip)
        done = run(program, clip, cache, reuse=reuse)
        seconds.append(done.seconds)
        comparisons.append(compare(clip, done.output, labelled, done.covered))
    each = [
        summarise(program.name, [comparison], taken)
        for comparison, taken in zip(comparisons, seconds, strict=True)
    ]
    return summarise(program.name, comparisons, sum(seconds)), each


def measure_settings(
    clips: Sequence[Path], config: Config, cache: Path
) -> dict[str, list[Summary]]:
    """Measure other settings by what they would cover, in curves of one changed setting each."""
    wanted = curves(config)
    # The unchanged settings are part of most curves. They are compared once.
    different: list[Setting] = []
    for setting in (setting for points in wanted.values() for setting in points.values()):
        if setting not in different:
            different.append(setting)
    compared: dict[int, list[Comparison]] = {number: [] for number in range(len(different))}
    for clip in clips:
        labelled = read_labels(clip)
        frames = read_detections(clip, config.detector, cache)
        bar = tqdm(different, "settings", unit="setting", leave=False, disable=None)
        covered = [replay(frames, labelled.width, labelled.height, each) for each in bar]
        for number, comparison in compare_all(clip, labelled, dict(enumerate(covered))).items():
            compared[number].append(comparison)
    return {
        curve: [
            summarise(name, compared[different.index(setting)]) for name, setting in points.items()
        ]
        for curve, points in wanted.items()
    }


def write_report(rates: LeakRates, folder: Path) -> None:
    """Write the figures as JSON, and plots of them, into `folder`."""
    # Imported here: only a report needs matplotlib.
    from tools.leakrate.plots import plot_summaries, plot_trade_off  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "leakrate.json").write_text(json.dumps(asdict(rates), indent=2))
    plot_summaries(rates.programs, folder / "leaks.png")
    if rates.curves:
        plot_trade_off(rates.curves, rates.programs, folder / "trade-off.png")
