"""What each fill looks like, in four kinds of light: `python -m tools.demo.fills`."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import av
import click
import numpy as np
import skimage.data
from numpy.typing import NDArray
from PIL import Image, ImageDraw, ImageFont

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.config.schema import AnonymizerSettings
from anoncam.frames.boxes import Box
from anoncam.frames.frame import Frame, lay_out, tight
from anoncam.tracking.coverage import Coverage, CoverBox
from anoncam.tracking.snapping import Snapping
from tools.demo.portrait import FACE

Rgb = NDArray[np.uint8]
"""Shape (height, width, 3), with even sides."""

Fill = Literal["private", "solid", "mean"]

FILLS: tuple[Fill, ...] = ("private", "solid", "mean")

SECRET = b"of a picture in the documentation"
"""Always the same, so that the picture changes only when the fills do."""

_SIDE = 240
_ACROSS, _DOWN = 4, 3
_MARGIN = 8
_CAPTION = 22


@dataclass(frozen=True, eq=False)
class Example:
    """A picture and its faces."""

    name: str
    picture: Rgb
    faces: tuple[Box, ...]


def examples() -> list[Example]:
    """The portrait of scikit-image, which is in the public domain, alone and as a crowd."""
    astronaut = Image.fromarray(skimage.data.astronaut())
    alone, face = _crop(astronaut, _SIDE, mirrored=False)
    portrait, faces = np.asarray(alone), (face,)
    crowd = Image.new("RGB", (_SIDE, _SIDE))
    in_crowd = []
    width, height = _SIDE // _ACROSS, _SIDE // _DOWN
    for number in range(_ACROSS * _DOWN):
        left, top = number % _ACROSS * width, number // _ACROSS * height
        person, (x, y, right, bottom) = _crop(astronaut, height, mirrored=number % 2 == 1)
        crowd.paste(person.crop((0, 0, width, height)), (left, top))
        in_crowd.append((left + x, top + y, left + right, top + bottom))
    return [
        Example("portrait", portrait, faces),
        Example("crowd", np.asarray(crowd), tuple(in_crowd)),
        Example("night", _night(portrait), faces),
        Example("snow", _snow(portrait), faces),
    ]


def hide(example: Example, fill: Fill) -> Rgb:
    """The picture as the anonymizer covers it, its faces being found as labelled."""
    height, width, _ = example.picture.shape
    video = av.VideoFrame.from_ndarray(example.picture, "rgb24").reformat(format="yuv420p")
    planes = lay_out(video.to_ndarray().astype(np.uint8, copy=False), tight(width, height))
    frame = Frame(planes.format, planes.buffer, planes.luma, planes.chroma)
    covers = [CoverBox(face, f"face {number}") for number, face in enumerate(example.faces)]
    coverage = Coverage(Snapping().snap(covers, frame.format))
    Anonymizer(AnonymizerSettings(fill=fill), SECRET).apply(frame, coverage)
    hidden = av.VideoFrame.from_ndarray(frame.buffer, "yuv420p").reformat(format="rgb24")
    return hidden.to_ndarray().astype(np.uint8, copy=False)


def make_sheet(shown: Sequence[Example]) -> Image.Image:
    """A row for each example: the original, then each fill."""
    columns = ("original", *FILLS)
    size = (
        _MARGIN + len(columns) * (_SIDE + _MARGIN),
        _CAPTION + len(shown) * (_SIDE + _MARGIN),
    )
    sheet, font = Image.new("RGB", size, "white"), ImageFont.load_default(14)
    draw = ImageDraw.Draw(sheet)
    for column, name in enumerate(columns):
        left = _MARGIN + column * (_SIDE + _MARGIN)
        draw.text((left, 3), name, "black", font)
        for row, example in enumerate(shown):
            picture = hide(example, FILLS[column - 1]) if column else example.picture
            sheet.paste(Image.fromarray(picture), (left, _CAPTION + row * (_SIDE + _MARGIN)))
    return sheet


def _crop(astronaut: Image.Image, side: int, *, mirrored: bool) -> tuple[Image.Image, Box]:
    """Head and shoulders in a square, and where the face is."""
    x, y, width, height = FACE
    left, extent = x + width / 2 - 170, 340
    cut = astronaut.resize((side, side), Image.Resampling.LANCZOS, (left, 0, left + extent, extent))
    scale = side / extent
    box = (
        (x - left) * scale,
        y * scale,
        (x - left + width) * scale,
        (y + height) * scale,
    )
    if mirrored:
        cut = cut.transpose(Image.Transpose.FLIP_LEFT_RIGHT)
        box = (side - box[2], box[1], side - box[0], box[3])
    return cut, box


def _night(picture: Rgb) -> Rgb:
    dark = 0.3 * (picture / 255) ** 1.4 * (0.85, 0.95, 1.2)
    return np.asarray(255 * dark.clip(0, 1), np.uint8)


def _snow(picture: Rgb) -> Rgb:
    light = 1 - 0.45 * (1 - picture / 255) * (1.1, 1.0, 0.9)
    return np.asarray(255 * light.clip(0, 1), np.uint8)


@click.command(
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
    epilog="Example:  python -m tools.demo.fills -o docs/fills.png",
)
@click.option(
    "-o",
    "--output",
    type=click.Path(dir_okay=False, path_type=Path),
    required=True,
    metavar="OUTPUT.png",
    help="Where the picture goes.",
)
def main(output: Path) -> None:
    """Draw what each fill looks like, in four kinds of light."""
    make_sheet(examples()).save(output, optimize=True)
    click.echo(output)


if __name__ == "__main__":
    main(prog_name="python -m tools.demo.fills")
