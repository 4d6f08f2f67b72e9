"""The command line of `python -m tools.leakrate`."""

import json
import tempfile
from dataclasses import asdict
from importlib import import_module
from pathlib import Path

import click

from anoncam.config.load import load
from tools.common.errors import errors_in_one_line
from tools.leakrate.arguments import clip_options, detector_of, installed, program_of
from tools.leakrate.choice import as_dicts, candidate_table, compare_candidates
from tools.leakrate.clips.clip_file import make_clip
from tools.leakrate.clips.kinds import KINDS
from tools.leakrate.equal_area import compare_detectors, detector_table
from tools.leakrate.measurement import LeakRates, measure_program, measure_settings, write_report
from tools.leakrate.tables import all_tables


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="""\b
Examples:
  python -m tools.leakrate --pictures 48 -o leaks
  python -m tools.leakrate --kind glance --kind walk --program anoncam
  python -m tools.leakrate --faces ../shared/data/faces/train --pictures 20 --choose
  python -m tools.leakrate --faces ../shared/data/faces/train --pictures 20 --model mine.tflite
  python -m tools.leakrate ../shared/data/clips/*.mp4 --program anoncam
  python -m tools.leakrate --program 'mosaic=mosaic.sh {input} {output}' clip.mp4
""",
)
@clip_options
@click.option(
    "--program",
    "chosen",
    multiple=True,
    metavar="NAME[=COMMAND]",
    help="anoncam, deface, or any name with a command that has {input} and {output}."
    "  [default: both]",
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
    help="Use the output of NAME from an earlier run, where it is kept.",
)
@click.option(
    "--curve",
    is_flag=True,
    help="Also measure other settings of anoncam, by what they would cover.",
)
@click.option(
    "--choose",
    is_flag=True,
    help="Only compare candidates for the settings, over all kinds, by what they would cover.",
)
@click.option(
    "--model",
    "models",
    multiple=True,
    metavar="MODEL[=START/KEEP]",
    help="Only compare this detector with the one in force, over all kinds: by what leaks where it"
    " covers as much falsely, or with these thresholds.",
)
@click.option(
    "--cache",
    type=click.Path(path_type=Path, file_okay=False),
    default=Path(tempfile.gettempdir()) / "anoncam-leakrate",
    show_default=True,
    help="Folder that keeps clips, detections and outputs. They show people.",
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
    kinds: tuple[str, ...],
    pictures: int,
    seed: int,
    chosen: tuple[str, ...],
    config_file: Path | None,
    reuse: tuple[str, ...],
    curve: bool,
    choose: bool,
    models: tuple[str, ...],
    cache: Path,
    output: Path | None,
    as_json: bool,
) -> None:
    """Measure the share of labelled faces that can still be seen in what programs make of CLIPS.

    The labels of a clip are in the JSON file of the same name beside it. Each program runs as a
    command of its own. Its output is compared with the original, face by face.
    """
    with errors_in_one_line("bench"):
        if output is not None:
            # What is missing is reported before a measurement of minutes, not after it.
            import_module("tools.leakrate.plots")
        programs = [program_of(each, config_file) for each in chosen or installed()]
        detectors = [detector_of(each) for each in models]
        used = {clip.stem: clip for clip in clips} or {
            kind: make_clip(kind, faces, cache, count=pictures, seed=seed)
            for kind in kinds or KINDS
        }
        if choose:
            compared = compare_candidates(used, load(config_file, {}), cache)
            table, content = candidate_table(compared), as_dicts(compared)
            click.echo(json.dumps(content, indent=2) if as_json else "\n".join(table))
            return
        if detectors:
            judged = compare_detectors(used, load(config_file, {}), detectors, cache)
            lines = detector_table(judged)
            click.echo(json.dumps(asdict(judged), indent=2) if as_json else "\n".join(lines))
            return
        paths = list(used.values())
        measured = [
            measure_program(program, paths, cache, reuse=program.name in reuse)
            for program in programs
        ]
        rates = LeakRates(
            [clip.name for clip in paths],
            [summary for summary, _ in measured],
            {name: [each[number] for _, each in measured] for number, name in enumerate(used)},
            measure_settings(paths, load(config_file, {}), cache) if curve else {},
        )
        if output is not None:
            write_report(rates, output)
    if as_json:
        click.echo(json.dumps(asdict(rates), indent=2))
        return
    click.echo("\n".join(all_tables(rates.programs, rates.kinds, rates.curves)))


if __name__ == "__main__":
    main()
