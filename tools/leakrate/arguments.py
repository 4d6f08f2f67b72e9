"""Which clips, programs and detectors the command line names."""

import os
import re
from collections.abc import Callable
from importlib import util
from pathlib import Path
from typing import Any, TypeVar

import click

from tools.leakrate.clips.kinds import KINDS
from tools.leakrate.equal_area import Detector
from tools.leakrate.programs import PROGRAMS, Program, with_config

PICTURES = Path(os.environ.get("ANONCAM_SHARED", "../shared")) / "data" / "faces" / "val"

Command = TypeVar("Command", bound=Callable[..., Any])


def clip_options(command: Command) -> Command:
    """Add what names the clips to `command`: files, or how to make them."""
    options = (
        click.argument(
            "clips", nargs=-1, type=click.Path(path_type=Path, exists=True, dir_okay=False)
        ),
        click.option(
            "--faces",
            type=click.Path(path_type=Path, file_okay=False),
            default=PICTURES,
            show_default=True,
            help="Labelled pictures to make clips of, where no CLIPS are named.",
        ),
        click.option(
            "--kind",
            "kinds",
            multiple=True,
            type=click.Choice(list(KINDS)),
            help="Kind of clip to make.  [default: all]",
        ),
        click.option(
            "--pictures",
            type=click.IntRange(1),
            default=48,
            show_default=True,
            help="Number of these pictures, for each kind.",
        ),
        click.option(
            "--seed",
            type=int,
            default=0,
            show_default=True,
            help="Seed of motion, light and noise.",
        ),
    )
    for option in reversed(options):
        command = option(command)
    return command


def installed() -> list[str]:
    """The names of the programs to measure where none is named."""
    if util.find_spec("deface") is None:
        click.echo(
            "deface is not installed (pip install 'anoncam[bench]') and is left out", err=True
        )
        return ["anoncam"]
    return list(PROGRAMS)


def program_of(given: str, config_file: Path | None) -> Program:
    """The program that NAME or NAME=COMMAND stands for."""
    name, separator, command = given.partition("=")
    if not separator:
        if name not in PROGRAMS:
            raise click.BadParameter(
                f"{name} is not one of {', '.join(PROGRAMS)}: give NAME=COMMAND"
            )
        command = (
            with_config(config_file)
            if name == "anoncam" and config_file is not None
            else PROGRAMS[name]
        )
    if "{input}" not in command or "{output}" not in command:
        raise click.BadParameter(f"{command!r} lacks {{input}} or {{output}}")
    return Program(name, command)


def detector_of(given: str) -> Detector:
    """The detector that MODEL or MODEL=START/KEEP stands for."""
    model, separator, thresholds = given.partition("=")
    if not separator:
        return Detector(model)
    match = re.fullmatch(r"(0?\.\d+)/(0?\.\d+)", thresholds)
    if not match or float(match[2]) > float(match[1]):
        raise click.BadParameter(
            f"{thresholds!r} is not START/KEEP: two scores below 1, as 0.85/0.34"
        )
    return Detector(model, (float(match[1]), float(match[2])))
