"""The path of the demo's camera around a face: hard for a detector, and always the same."""

from dataclasses import dataclass
from math import exp, log, pi, sin

import numpy as np

LENGTH = 20.0
"""Seconds until the path is back at its start and repeats."""


@dataclass(frozen=True)
class Pose:
    """How the camera sees the face.

    `x` and `y` place the centre of the face, in parts of the width and height of the frame; `size`
    is the height of the face in parts of that of the frame. `turn` is the angle of the head about
    the vertical axis, and `tilt` about the line of sight, in degrees. `light` is the exposure,
    1 = full.
    """

    x: float
    y: float
    size: float
    turn: float
    tilt: float
    light: float


# Seconds, then x, y, size, turn, tilt, light. At 720 rows, a face of size 0.04 is 24 pixels wide,
# and one of 0.56 is 400 pixels high.
_KEYS: tuple[tuple[float, Pose], ...] = (
    (0.0, Pose(0.50, 0.45, 0.30, 0, 0, 1)),
    (1.0, Pose(0.50, 0.45, 0.30, 0, 0, 1)),
    (1.8, Pose(-0.50, 0.45, 0.30, 0, 0, 1)),  # out of view on the left
    (2.2, Pose(-0.50, 0.50, 0.26, 0, 0, 1)),
    (3.0, Pose(0.55, 0.50, 0.24, 0, 0, 1)),
    (4.0, Pose(0.50, 0.45, 0.24, 15, 4, 1)),
    (6.0, Pose(0.30, 0.40, 0.04, 0, 0, 1)),  # far away
    (7.0, Pose(0.40, 0.42, 0.04, 0, 0, 1)),
    (9.0, Pose(0.50, 0.50, 0.56, 0, 0, 1)),  # close up
    (10.0, Pose(0.50, 0.45, 0.30, 0, 0, 1)),
    (11.0, Pose(0.50, 0.45, 0.30, 82, 0, 1)),  # turned out of view
    (11.3, Pose(0.50, 0.45, 0.30, 82, 0, 1)),
    (12.3, Pose(0.45, 0.45, 0.28, 0, 0, 1)),
    (13.2, Pose(0.40, 0.45, 0.26, -50, 10, 1)),
    (14.2, Pose(0.45, 0.48, 0.24, 20, -10, 1)),
    (15.2, Pose(0.60, 0.48, 0.20, 0, 0, 0.25)),  # nearly dark
    (16.8, Pose(0.35, 0.45, 0.20, 0, 3, 0.25)),
    (17.4, Pose(0.50, 0.45, 0.24, 0, 0, 1)),
    (17.9, Pose(1.50, 0.45, 0.24, 0, 0, 1)),  # swept off to the right, fast
    (18.4, Pose(1.50, 0.45, 0.30, 0, 0, 1)),
    (18.9, Pose(0.50, 0.45, 0.30, 0, 0, 1)),
    (LENGTH, Pose(0.50, 0.45, 0.30, 0, 0, 1)),
)


class CameraPath:
    """The path, with the tremor of a hand that depends on `seed`."""

    def __init__(self, seed: int) -> None:
        self._phases = np.random.default_rng(seed).uniform(0, 2 * pi, 3)

    def at(self, seconds: float) -> Pose:
        """The pose at any time in `seconds`, since the path repeats."""
        time_on_path = seconds % LENGTH
        index = next(index for index, (key_time, _) in enumerate(_KEYS) if key_time > time_on_path)
        (start, first), (end, second) = _KEYS[index - 1], _KEYS[index]
        part = (time_on_path - start) / (end - start)
        # Smoothstep: the speed is zero at every key, as of a hand that moves a camera.
        eased = part * part * (3 - 2 * part)
        x, y, tilt = (
            float(sin(rate * seconds + phase))
            for rate, phase in zip((5, 7, 6), self._phases, strict=True)
        )
        return Pose(
            x=_between(first.x, second.x, eased) + 0.003 * x,
            y=_between(first.y, second.y, eased) + 0.003 * y,
            size=exp(_between(log(first.size), log(second.size), eased)),
            turn=_between(first.turn, second.turn, eased),
            tilt=_between(first.tilt, second.tilt, eased) + 0.5 * tilt,
            light=_between(first.light, second.light, eased),
        )


def _between(first: float, second: float, part: float) -> float:
    return first + (second - first) * part
