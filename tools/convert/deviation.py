"""How far a conversion may deviate from its checkpoint, and how far it does."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from anoncam.errors import ModelError

Outputs = dict[str, NDArray[np.float32]]
"""The real values of each head, by its name."""


Evaluator = Callable[[NDArray[np.uint8]], Outputs]
"""Computes the outputs for a letterboxed picture."""


@dataclass(frozen=True)
class Limits:
    """How far a conversion may deviate.

    `head_error` is the root mean square of the deviation, divided by the standard deviation of the
    checkpoint's own values. A root mean square of up to `harmless` is always allowed, since some
    heads have nearly the same value everywhere. `precision` is the allowed loss of average
    precision; the loss of one face is always allowed.
    """

    head_error: float
    precision: float
    harmless: float = 0.0


INT8 = Limits(head_error=0.25, precision=0.005, harmless=0.03)


FLOAT16 = Limits(head_error=0.01, precision=0.001)


def compare_heads(
    expected: Evaluator, got: Evaluator, pictures: list[NDArray[np.uint8]], limits: Limits
) -> list[str]:
    """Compare each head over `pictures`, and report a line for each.

    Raises:
        ModelError: the error of a head is above the limit.
    """
    differences: dict[str, list[NDArray[np.float32]]] = {}
    values: dict[str, list[NDArray[np.float32]]] = {}
    for picture in pictures:
        wanted, outputs = expected(picture), got(picture)
        for name, value in wanted.items():
            values.setdefault(name, []).append(value.ravel())
            differences.setdefault(name, []).append((outputs[name] - value).ravel())
    lines = []
    for name, difference in differences.items():
        distance = float(np.sqrt(np.mean(np.square(np.concatenate(difference)))))
        error = distance / float(np.concatenate(values[name]).std())
        # Written so that NaN fails too.
        if not (error <= limits.head_error or distance <= limits.harmless):
            raise ModelError(
                f"the head {name} is off by {error:.3f} of its spread,"
                f" {limits.head_error} is allowed, and by {distance:.3f} in itself"
            )
        lines.append(f"{name}: off by {error:.4f} of its spread")
    return lines


def compare_precision(
    expected: dict[str, float], got: dict[str, float], faces: dict[str, int], limit: float
) -> list[str]:
    """Compare each average precision with the checkpoint's, and report a line for each.

    Raises:
        ModelError: one has lost more than `limit`, and more than one face.
    """
    lines = []
    for name, wanted in expected.items():
        if not faces[name]:
            continue
        lines.append(f"{name}: AP {got[name]:.4f}, checkpoint {wanted:.4f}")
        allowed = max(limit, 1 / faces[name])
        if not got[name] >= wanted - allowed:
            raise ModelError(
                f"{lines[-1]}: the conversion costs more than {100 * allowed:.2g} points"
            )
    return lines
