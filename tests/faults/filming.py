"""Footage in which every frame shows its number, so that each recorded frame can be compared with
its original.

Above is a face that moves before a wall, as the demo films it, with its exact labels; below is the
number, in bars."""

import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from math import pi, sin
from pathlib import Path

import av
import numpy as np
from numpy.typing import NDArray

from tools.demo.camera_path import Pose
from tools.demo.scene import Scene

Luma = NDArray[np.uint8]
"""Shape (height, width)."""

WIDTH, HEIGHT = 320, 256
FPS = 20
FRAMES = 120

SCENE = 192
"""Rows of the scene; below them is a grey band, so that no squares over a face reach the number."""

_BARS = slice(224, 256)
_BITS = 9
_BAR = WIDTH // (2 * _BITS + 2)
_BRIGHT, _DARK = 200, 50
_BRIGHT_FROM, _DARK_TO = 150, 100

_ABSENT = 20
"""Frames at the start that show nobody. In the next one the face is there at once, which is the
hardest case."""


@dataclass(frozen=True)
class Film:
    """The footage: `clear` is what its frames show, `faces` the x, y, width and height of those in
    each frame."""

    path: Path
    clear: Sequence[Luma]
    faces: Sequence[Sequence[tuple[float, float, float, float]]]

    def read_number(self, picture: Luma) -> int | None:
        """The number of the frame; None where it is covered or destroyed."""
        bars = picture[_BARS][6:-6].reshape(-1, 2 * _BITS + 2, _BAR)[:, :, 3:-3].mean(axis=(0, 2))
        if not ((bars > _BRIGHT_FROM) | (bars < _DARK_TO)).all():
            return None
        first, *bits, last = (bars > _BRIGHT_FROM).tolist()
        number, inverse = bits[:_BITS], bits[_BITS:]
        if (
            not first
            or last
            or any(bit == other for bit, other in zip(number, inverse, strict=True))
        ):
            return None
        found = sum(1 << place for place, bit in enumerate(number) if bit)
        return found if found < len(self.clear) else None


def film(
    path: Path,
    *,
    frames: int = FRAMES,
    keyframe_every: int = FPS,
    is_present: Callable[[int], bool] = lambda number: number >= _ABSENT,
) -> Film:
    """Film it to `path`, with labels beside it; a second round follows on the first one's end."""
    scene = Scene(WIDTH, SCENE)
    poses = [_pose(number, frames, present=is_present(number)) for number in range(frames)]
    pictures = [_numbered(scene.picture([pose], 0), number) for number, pose in enumerate(poses)]
    with av.open(str(path), "w") as container:
        options = {"preset": "ultrafast", "crf": "16", "g": str(keyframe_every), "bf": "0"}
        stream = container.add_stream("libx264", rate=FPS, options=options)
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, FPS)
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
    faces = [[face] if (face := scene.face(pose)) is not None else [] for pose in poses]
    labels = [[{"track": 0, "bbox": list(face)} for face in found] for found in faces]
    path.with_suffix(".json").write_text(
        json.dumps({"width": WIDTH, "height": HEIGHT, "frames": labels})
    )
    return Film(path, [picture[:HEIGHT] for picture in pictures], faces)


def _pose(number: int, frames: int, *, present: bool) -> Pose:
    turn = 2 * pi * number / frames
    x = 0.5 + 0.2 * sin(turn) if present else -2.0
    return Pose(
        x=x, y=0.48 + 0.05 * sin(2 * turn), size=0.42 + 0.05 * sin(turn), turn=0, tilt=0, light=1
    )


def _numbered(scene: Luma, number: int) -> Luma:
    """The scene as I420 of shape (rows, columns), with the bars below."""
    picture = np.full((HEIGHT * 3 // 2, WIDTH), 128, np.uint8)
    picture[:SCENE] = scene[:SCENE]
    below = scene[SCENE:].reshape(2, -1, WIDTH // 2)
    chroma = picture[HEIGHT:].reshape(2, HEIGHT // 2, WIDTH // 2)
    chroma[:, : SCENE // 2] = below
    bits = [bool(number >> place & 1) for place in range(_BITS)]
    levels = np.where([True, *bits, *(not bit for bit in bits), False], _BRIGHT, _DARK)
    picture[_BARS] = levels.repeat(_BAR)
    return picture
