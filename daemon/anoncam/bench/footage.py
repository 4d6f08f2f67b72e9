"""The footage that is measured where the user names none."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np

SIZE = 1280, 720
RATE = 30
SECONDS = 10
_NOISE = 12
"""Levels by which the ground is uneven: a plain one would cost neither codec anything."""


def make_footage(path: Path, seconds: float = SECONDS) -> None:
    """Write an uneven ground that moves, without people: 1280x720 at 30 frames per second."""
    width, height = SIZE
    chance = np.random.default_rng(1)
    ground = np.linspace(40, 200, 2 * width)[None] + chance.normal(0, _NOISE, (height, 2 * width))
    luma = ground.clip(16, 235).astype(np.uint8)
    with av.open(str(path), "w") as container:
        stream = container.add_stream("libx264", rate=RATE, options={"preset": "ultrafast"})
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for number in range(round(seconds * RATE)):
            picture = np.full((height * 3 // 2, width), 128, np.uint8)
            left = 4 * number % width
            picture[:height] = luma[:, left : left + width]
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, RATE)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
