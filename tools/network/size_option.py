"""The option for input sizes, which several commands share."""

import click

from tools.network.layout import STRIDES, Size


def parse_sizes(
    _context: click.Context, _parameter: click.Parameter, values: tuple[str, ...]
) -> list[Size]:
    """Parse input sizes like 640x384, or 320x320@384x384 for a model that enlarges its input.

    Raises:
        click.BadParameter: a size has another form, is no multiple of 32, or is made smaller.
    """
    return [_parse_size(value) for value in values]


def _parse_size(value: str) -> Size:
    given, at, enlarged = value.partition("@")
    size = Size(*_parse_sides(given), *_parse_sides(enlarged if at else given))
    if size.enlarged_width < size.width or size.enlarged_height < size.height:
        raise click.BadParameter(f"{value}: a model can enlarge its input but not make it smaller")
    return size


def _parse_sides(value: str) -> tuple[int, int]:
    width, _, height = value.partition("x")
    if not (width.isdecimal() and height.isdecimal()):
        raise click.BadParameter(f"{value!r} is not of the form WIDTHxHEIGHT, like 640x384")
    sides = int(width), int(height)
    if not all(sides) or any(side % STRIDES[-1] for side in sides):
        raise click.BadParameter(f"{value}: width and height must be multiples of {STRIDES[-1]}")
    return sides
