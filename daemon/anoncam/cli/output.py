"""The way out of every command: lines that are safe to print, and errors without passwords."""

import json
import sys

import click

from anoncam.events.printable import printable
from anoncam.events.redaction import redact


def show(*lines: str) -> None:
    """Print lines to standard output; whatever they hold, each stays one line."""
    for line in lines:
        click.echo(printable(line))


def show_error(*lines: str) -> None:
    """Print lines to standard error, with passwords masked; each stays one line."""
    for line in lines:
        click.echo(redact(printable(line)), err=True)


def show_json(value: object, *, indent: int | None = 2) -> None:
    """Print JSON in ASCII to standard output: what is not safe to print is escaped by JSON."""
    click.echo(json.dumps(value, indent=indent))


def show_progress(text: str) -> None:
    """Replace the current line of standard error, if that is a terminal."""
    if sys.stderr.isatty():
        click.echo(f"\r{printable(text)}\033[K", nl=False, err=True)
