"""The messages between the parent and the process that decodes; pixels go by shared memory.

The parent believes none of them: each field has a type and a range, and there are no others.
"""

from dataclasses import asdict
from fractions import Fraction
from typing import Annotated, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from anoncam.config.schema import FilesSettings
from anoncam.errors import InputError
from anoncam.frames.frame import Fields, FrameFormat, Layout
from anoncam.sources.timestamps import Part

LONGEST_TEXT = 4000
"""Characters of the longest text that the parent takes."""

_MOST_TEXTS = 5000
_LARGEST = 1 << 62
_LONGEST_SIDE = 1 << 20

Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Texts = Annotated[list[Text], Field(max_length=_MOST_TEXTS)]
Count = Annotated[int, Field(ge=0, le=_LARGEST)]
Time = Annotated[int, Field(ge=-_LARGEST, le=_LARGEST)]
Positive = Annotated[int, Field(ge=1, le=_LARGEST)]
Ratio = tuple[Positive, Positive]
"""Numerator and denominator."""

_Code = Annotated[int, Field(ge=0, le=255)]
_Side = Annotated[int, Field(ge=1, le=_LONGEST_SIDE)]


class Message(BaseModel):
    """What both sides have agreed on, and nothing else."""

    model_config = ConfigDict(frozen=True, strict=True, extra="forbid", allow_inf_nan=False)


class Failed(Message):
    """The child could not do what it was asked: an `InputError` with its remedy, as one text."""

    error: Text


class Done(Message):
    """The child has done what it was asked."""


class Opening(Message):
    """How to open the file; the fields are the arguments of `DecodedFile`."""

    do: str
    path: str
    loop: bool
    rotation: int
    stream: int | None
    rate: Ratio | None
    whole: bool
    max_pixels: int
    max_streams: int

    @property
    def limits(self) -> FilesSettings:
        """What the file may ask for."""
        return FilesSettings(max_pixels=self.max_pixels, max_streams=self.max_streams)


class Opened(Message):
    """What the file says of itself, in the fields of `DecodedFile`."""

    width: _Side
    height: _Side
    layout: Annotated[str, Field(pattern="^(yuv420p|nv12)$")]
    frame_rate: Ratio
    rotation: Annotated[int, Field(ge=0, le=270, multiple_of=90)]
    color_range: _Code
    colorspace: _Code
    color_primaries: _Code
    color_trc: _Code
    sample_aspect_ratio: Ratio
    fields: Annotated[str, Field(pattern="^(|tff|bff)$")]
    time_base: Ratio
    start: Time
    is_picture: bool
    has_alpha: bool
    resolution: Ratio | None
    frames: Positive | None
    duration: Annotated[float, Field(ge=-1e12, le=1e12)] | None
    videos: Count
    left_out: Text
    left_out_beside_sound: Text

    @property
    def format(self) -> FrameFormat:
        """The format of all frames."""
        return FrameFormat(
            self.width,
            self.height,
            self.width + self.width % 2,
            Layout(self.layout),
            Fraction(*self.frame_rate),
            self.rotation,
            self.color_range,
            self.colorspace,
            self.color_primaries,
            self.color_trc,
            Fraction(*self.sample_aspect_ratio),
            Fields(self.fields),
        )


class Next(Message):
    """The next frame: its `ticket`, its times, and the part of the file that begins with it.

    `ticket` is None at the end of the file.
    """

    ticket: Count | None
    timestamp: Time = 0
    duration: Count = 0
    part: tuple[Time, Time, Time] | None = None

    @property
    def begun(self) -> Part | None:
        """The part of the file that begins with this frame."""
        return None if self.part is None else Part(*self.part)


class Warnings(Message):
    """What was assumed about the time of the frames so far."""

    texts: Texts


class Kind(Message):
    """What a file is."""

    is_picture: bool


class Played(Message):
    """How far a file could be played; the fields are those of `Playback`. `ended` is its end."""

    frames: Count
    codec: Text
    problem: Text
    ended: bool


R = TypeVar("R", bound=Message)


def ratio(fraction: Fraction) -> tuple[int, int]:
    """A fraction as a message has it."""
    return fraction.numerator, fraction.denominator


def part_of(part: Part) -> tuple[int, int, int]:
    """A part of a file as a message has it."""
    begin, offset, jump = asdict(part).values()
    return begin, offset, jump


def decode(message: bytes, kind: type[R], path: object) -> R:
    """Decode the child's reply, and check everything in it.

    Raises:
        InputError: the child could not do it, or lies.
    """
    try:
        if message.startswith(b'{"error"'):
            raise InputError(Failed.model_validate_json(message).error)
        return kind.model_validate_json(message)
    except (ValidationError, ValueError, RecursionError) as error:
        raise InputError(f"{path} cannot be read: what decodes it sends garbage") from error
