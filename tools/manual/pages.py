"""All manual pages by name, and the completion script of bash."""

from collections.abc import Iterator

import click
from click.shell_completion import BashComplete

import anoncam
from anoncam.cli.main import commands
from tools.manual.roff import page


def pages(date: str) -> dict[str, str]:
    """The manual page of each command, by the name of its file."""
    return {
        f"{context.command_path.replace(' ', '-')}.1": page(
            command, context, date=date, version=anoncam.__version__
        )
        for command, context in _walk(commands, click.Context(commands, info_name="anoncam"))
    }


def completion() -> str:
    """The script by which bash completes `anoncam`; it asks the command itself."""
    return BashComplete(commands, {}, "anoncam", "_ANONCAM_COMPLETE").source()


def _walk(
    command: click.Command, context: click.Context
) -> Iterator[tuple[click.Command, click.Context]]:
    yield command, context
    if isinstance(command, click.Group):
        for name in command.list_commands(context):
            inner = command.get_command(context, name)
            if inner is not None and not inner.hidden:
                yield from _walk(inner, click.Context(inner, info_name=name, parent=context))
