"""What each key allows, in words: one source for messages and for `config.yaml`."""

import types
import typing
from pathlib import Path

import annotated_types
from pydantic import ByteSize
from pydantic.fields import FieldInfo

from anoncam.config.schema import Unit

_ZONES = (
    "a list of up to 100 polygons, each a list of 3 to 100 points [x, y] with numbers from 0 to 1"
)
_ITEMS_OF_ZONES = (
    "a polygon: a list of 3 to 100 points [x, y] with numbers from 0 to 1",
    "a point [x, y] with two numbers from 0 to 1",
    "a number from 0 to 1",
)
"""What an item may be that lies 1, 2 or 3 lists deep."""


def allowed(field: FieldInfo, depth: int = 0) -> str:
    """What a setting may be: kind, range and unit, such as ``a number from 0 to 5 (seconds)``.

    `depth` counts the lists around the item in question: 0 for the setting itself.
    """
    if depth:
        return _ITEMS_OF_ZONES[depth - 1]
    kind, optional = _unwrapped(field.annotation)
    unit = next((item.name for item in field.metadata if isinstance(item, Unit)), "")
    if kind is ByteSize:
        unit = "such as 500MB or 64GB"
    words = (_kind(kind), _span(field), f"({unit})" if unit else "", "or null" if optional else "")
    return " ".join(filter(None, words))


def takes_text(field: FieldInfo) -> bool:
    """Whether the setting takes any text."""
    return _unwrapped(field.annotation)[0] in {str, Path}


def takes_size(field: FieldInfo) -> bool:
    """Whether the setting takes a number of bytes."""
    return _unwrapped(field.annotation)[0] is ByteSize


def _unwrapped(annotation: object) -> tuple[object, bool]:
    """The type without ``None`` and annotations, and whether there was a ``None``."""
    optional = False
    while True:
        if typing.get_origin(annotation) is typing.Annotated:
            annotation = typing.get_args(annotation)[0]
        elif typing.get_origin(annotation) in {types.UnionType, typing.Union}:
            annotation = next(
                item for item in typing.get_args(annotation) if item is not types.NoneType
            )
            optional = True
        else:
            return annotation, optional


def _kind(kind: object) -> str:
    if typing.get_origin(kind) is typing.Literal:
        *most, last = map(str, typing.get_args(kind))
        return f"{', '.join(most)} or {last}"
    if typing.get_origin(kind) is tuple:
        return _ZONES
    return {
        bool: "true or false",
        int: "a whole number",
        float: "a number",
        str: "a text",
        Path: "a whole path",
        ByteSize: "a size",
    }[typing.cast("type", kind)]


def _span(field: FieldInfo) -> str:
    words = []
    for item in field.metadata:
        match item:
            case annotated_types.Ge(ge=least):
                words.append(f"from {least}")
            case annotated_types.Gt(gt=bound):
                words.append(f"above {bound}")
            case annotated_types.Le(le=most):
                words.append(f"to {most}")
            case annotated_types.MultipleOf(multiple_of=step):
                words.append(f"in steps of {step}")
    return " ".join(words)
