"""Which programs the command line names."""

from importlib import util
from pathlib import Path

import click

from tools.leakrate.programs import PROGRAMS, Program, with_config


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
