"""The labelled faces of a clip: those that count, and those that may be covered as well."""

import json
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from anoncam.errors import InputError

Rectangle = tuple[float, float, float, float]
"""x, y, width, height in pixels."""


@dataclass(frozen=True)
class Face:
    """One labelled face in one frame; `track` is the same for one face through time.

    An `unseen` one is labelled where nobody can see a face: it is reported apart.
    """

    track: int
    box: Rectangle
    unseen: bool = False


@dataclass(frozen=True)
class LabelledClip:
    """The labels of all frames of a clip of `width` x `height`.

    `faces` count; `others` are too small or partly out of view, and do not count.
    """

    width: int
    height: int
    faces: list[list[Face]]
    others: list[list[Rectangle]]


def read_labels(clip: Path) -> LabelledClip:
    """Read the labels in the JSON file beside `clip`.

    Raises:
        InputError: there are none, or they have another form.
    """
    path = clip.with_suffix(".json")
    try:
        content = json.loads(path.read_text())
        faces = [
            [
                Face(each["track"], _rectangle(each["bbox"]), bool(each.get("unseen")))
                for each in frame
            ]
            for frame in content["frames"]
        ]
        others = [
            [_rectangle(box) for box in frame]
            for frame in content.get("others", [[] for _ in faces])
        ]
        return LabelledClip(content["width"], content["height"], faces, others)
    except OSError as error:
        raise InputError(
            f"{path}: {error.strerror}", "the labels are expected in a JSON file beside the clip"
        ) from error
    except (ValueError, KeyError, TypeError) as error:
        raise InputError(f"{path}: holds no labels", f"{type(error).__name__}: {error}") from error


def _rectangle(box: list[Any]) -> Rectangle:
    x, y, width, height = map(float, box)
    return x, y, width, height
