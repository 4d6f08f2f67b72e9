"""Options that the command lines of the workstation tools share."""

import click

from tools.layout import STRIDES


def parse_sizes(_context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]) -> list[tuple[int, int]]:
    """Input sizes like 640x384, for click.

    Raises:
        click.BadParameter: one is not of that form, or no multiple of 32.
    """
    return [_parse_size(value) for value in values]


def _parse_size(value: str) -> tuple[int, int]:
    width, _, height = value.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise click.BadParameter(f"{value!r} is not of the form WIDTHxHEIGHT, like 640x384")
    size = int(width), int(height)
    if not all(size) or any(side % STRIDES[-1] for side in size):
        raise click.BadParameter(f"{value}: width and height must be multiples of {STRIDES[-1]}")
    return size
