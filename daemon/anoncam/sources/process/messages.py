"""The messages between the parent and the process that decodes; pixels go by shared memory.

The parent believes none of them: each field has a type and a range, and there are no others.
"""

import re
from fractions import Fraction
from typing import Annotated, TypeVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, ValidationError

from anoncam.errors import InputError
from anoncam.frames.frame import Fields, FrameFormat, Layout
from anoncam.sources.process.replies import LARGEST_ERRNO, LARGEST_NUMBER, LONGEST_TEXT, NAMELESS
from anoncam.sources.timestamps import Part

_MOST_TEXTS = 5000
_MOST_TIMES = 5000
_LONGEST_SIDE = 1 << 20
_LARGEST_TERM = (1 << 31) - 1
"""libav's fractions are of two C integers."""

_HIGHEST_RATE = 1000
"""Frames per second; the pool begins with the frames of some tenths of a second."""

Text = Annotated[str, Field(max_length=LONGEST_TEXT)]
Texts = Annotated[list[Text], Field(max_length=_MOST_TEXTS)]
Count = Annotated[int, Field(ge=0, le=LARGEST_NUMBER)]
Time = Annotated[int, Field(ge=-LARGEST_NUMBER, le=LARGEST_NUMBER)]
Positive = Annotated[int, Field(ge=1, le=LARGEST_NUMBER)]
_Term = Annotated[int, Field(ge=1, le=_LARGEST_TERM)]
Ratio = tuple[_Term, _Term]
"""Numerator and denominator."""


def _refuse_high(rate: tuple[int, int]) -> tuple[int, int]:
    if Fraction(*rate) > _HIGHEST_RATE:
        raise ValueError("no file has so many frames a second")
    return rate


_Rate = Annotated[Ratio, AfterValidator(_refuse_high)]
_PerMetre = Annotated[int, Field(ge=1, le=(1 << 32) - 1)]
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


class Format(Message):
    """The fields of `FrameFormat`."""

    width: _Side
    height: _Side
    layout: Annotated[str, Field(pattern="^(yuv420p|nv12)$")]
    frame_rate: _Rate
    rotation: Annotated[int, Field(ge=0, le=270, multiple_of=90)]
    color_range: _Code
    colorspace: _Code
    color_primaries: _Code
    color_trc: _Code
    sample_aspect_ratio: Ratio
    fields: Annotated[str, Field(pattern="^(|tff|bff)$")]

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


class Opened(Format):
    """What the file says of itself, in the fields of `DecodedFile`."""

    time_base: Ratio
    start: Time
    is_picture: bool
    has_alpha: bool
    resolution: tuple[_PerMetre, _PerMetre] | None
    frames: Positive | None
    duration: Annotated[float, Field(ge=-1e12, le=1e12)] | None
    videos: Count
    left_out: Text
    left_out_beside_sound: Text


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


class Heading(Message):
    """The fields of `Header`."""

    seconds: Annotated[float, Field(ge=0, le=1e12)]
    has_index: bool
    is_picture: bool
    width: _Side
    height: _Side
    rate: Ratio


class Times(Message):
    """When pictures of a file are shown, in the order of its packets. `ended` is after the last."""

    times: Annotated[list[Time], Field(max_length=_MOST_TIMES)]
    ended: bool


class Played(Message):
    """How far a file could be played; the fields are those of `Playback`. `ended` is its end."""

    frames: Count
    codec: Text
    problem: Text
    ended: bool


class Streaming(Message):
    """What a stream has sent: a packet, by a message without fields, then what was decoded of it.

    `ticket` stands for a picture of `width` and `height`, which the stream has stamped with `stamp`
    nanoseconds. `format` comes with the first. `damaged` counts damaged ones. `end` is why
    the stream has ended, and the last that is sent. `number` is then that of the kernel's error
    (errno), 0 without one.
    """

    ticket: Count | None = None
    width: Annotated[int, Field(ge=0, le=_LONGEST_SIDE)] = 0
    height: Annotated[int, Field(ge=0, le=_LONGEST_SIDE)] = 0
    stamp: Time | None = None
    format: Format | None = None
    damaged: Annotated[int, Field(ge=0, le=1000)] | None = None
    end: Annotated[str, Field(pattern="^(refused|silent|broken off|no video|ended)$")] | None = None
    number: Annotated[int, Field(ge=0, le=LARGEST_ERRNO)] = 0


R = TypeVar("R", bound=Message)


def with_name(text: str, name: str) -> str:
    """A text of the child, with the name of the file in it."""
    names = {str(NAMELESS): name, NAMELESS.name: name.rpartition("/")[2]}
    return re.sub("|".join(names), lambda found: names[found[0]], text)


def decode(message: bytes, kind: type[R], name: str, error: type[InputError] = InputError) -> R:
    """Decode the child's reply, and check everything in it.

    Raises:
        InputError: the child could not do it, or lies; it is of the class `error`.
    """
    try:
        if message.startswith(b'{"error"'):
            raise error(with_name(Failed.model_validate_json(message).error, name))
        return kind.model_validate_json(message)
    except (ValidationError, ValueError, RecursionError):
        raise error(f"{name} cannot be read: what decodes it sends garbage") from None
