"""Boxes as people see them: in pixels of the upright picture, not of the stored one."""

from anoncam.frames.boxes import Box
from anoncam.review.document import Footage


def upright_size(source: Footage) -> tuple[int, int]:
    """Width and height of the upright picture."""
    if source.rotation in (90, 270):
        return source.height, source.width
    return source.width, source.height


def to_upright(box: Box, source: Footage) -> Box:
    """A box of the stored picture, in the upright one."""
    return _turned(box, source.width, source.height, source.rotation)


def to_stored(box: Box, source: Footage) -> Box:
    """A box of the upright picture, in the stored one."""
    return _turned(box, *upright_size(source), (360 - source.rotation) % 360)


def _turned(box: Box, width: int, height: int, rotation: int) -> Box:
    """The box in the picture of that size, once that is turned clockwise."""
    left, top, right, bottom = box
    match rotation:
        case 90:
            return height - bottom, left, height - top, right
        case 180:
            return width - right, height - bottom, width - left, height - top
        case 270:
            return top, width - right, bottom, width - left
        case _:
            return box
