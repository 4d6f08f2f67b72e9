"""What an attacker gets to see: hidden portraits, as still pictures or as clips of moving faces."""

from collections.abc import Iterator, Sequence
from fractions import Fraction

import av
import cv2
import numpy as np
from numpy.typing import NDArray

from anoncam.frames.boxes import Box
from tools.reidentify.methods import Method, Picture
from tools.reidentify.portraits import SIDE, Portrait
from tools.reidentify.recogniser import align, align_squares
from tools.reidentify.situation import Hidden, Vectors
from tools.reidentify.squares import number_squares
from tools.reidentify.super_resolution import super_resolve

JITTER = 0.04
"""The standard deviation by which a detector misplaces a box, as a part of its size."""


AROUND = 0.5
"""The scale at which a face is seen with its surroundings, as a part of that of the aligned one."""


Views = NDArray[np.uint8]
"""Shape (2, 112, 112, 3): the aligned face, and the same at half the scale."""


_CHANGING_CELLS = 5
"""Cells across and down of which it is measured how they change: as many as rows of squares."""


_NOISE = 3.0
"""The standard deviation of the sensor noise in moving pictures, in levels."""


def hide_stills(
    portraits: Sequence[Portrait],
    people: Sequence[int],
    clear: Vectors,
    method: Method,
    random: np.random.Generator,
) -> Hidden:
    """Hide each portrait once; `clear` has shape (portraits, dimensions)."""
    views, geometry = [], []
    hide = method.make()
    for number, portrait in enumerate(portraits):
        box = jitter(portrait.box, JITTER, random)
        hidden, shown = hide(portrait.picture, box, f"track {number}")
        views.append(_views(hidden, portrait.landmarks))
        geometry.append(_geometry(shown))
    around = [view[1] for view in views]
    return _hidden(views, around, geometry, [np.empty(0, np.float32)] * len(views), people, clear)


def hide_moving(
    portraits: Sequence[Portrait],
    people: Sequence[int],
    clear: Vectors,
    method: Method,
    random: np.random.Generator,
    counts: Sequence[int],
) -> dict[int, Hidden]:
    """Hide each portrait in every frame of a clip, encode it as H.264, and look at the frames.

    The result has an entry for each of `counts`, the numbers of frames that are looked at. They are
    aligned by the true motion first, better than any attacker could do it. Then they are averaged
    and, apart from that, super-resolved.
    """
    hide = method.make()
    views: dict[int, list[Views]] = {count: [] for count in counts}
    resolved: dict[int, list[Picture]] = {count: [] for count in counts}
    geometry: dict[int, list[Vectors]] = {count: [] for count in counts}
    changes: dict[int, list[Vectors]] = {count: [] for count in counts}
    for number, portrait in enumerate(portraits):
        frames = [_move(portrait, random) for _ in range(max(counts))]
        hidden = [hide(picture, box, f"track {number}") for picture, box, _ in frames]
        shown = np.array([_geometry(box) for _, box in hidden])
        seen = np.stack(
            [
                _views(picture, landmarks)
                for picture, (_, _, landmarks) in zip(
                    _through_codec(picture for picture, _ in hidden), frames, strict=True
                )
            ]
        )
        squares = np.stack(
            [
                align_squares(number_squares(box, method.rows, SIDE, SIDE), landmarks, AROUND)
                for (_, box), (_, _, landmarks) in zip(hidden, frames, strict=True)
            ]
        )
        for count in counts:
            views[count].append(np.rint(seen[:count].mean(axis=0)).astype(np.uint8))
            resolved[count].append(super_resolve(seen[:count, 1], squares[:count]))
            geometry[count].append(shown[:count].mean(axis=0))
            changes[count].append(_changes(seen[:count, 0], shown[:count]))
    return {
        count: _hidden(
            views[count], resolved[count], geometry[count], changes[count], people, clear
        )
        for count in counts
    }


def _changes(faces: NDArray[np.uint8], geometry: Vectors) -> Vectors:
    """How much each cell of the face, and the box, change from frame to frame, in one row."""
    cells = [
        cv2.resize(face, (_CHANGING_CELLS,) * 2, interpolation=cv2.INTER_AREA) for face in faces
    ]
    return np.concatenate(
        [np.std(cells, axis=0).ravel() / 255, np.std(geometry, axis=0)], dtype=np.float32
    )


def _views(picture: Picture, landmarks: NDArray[np.float32]) -> Views:
    return np.stack([align(picture, landmarks), align(picture, landmarks, AROUND)])


def _hidden(
    views: Sequence[Views],
    resolved: Sequence[Picture],
    geometry: Sequence[Vectors],
    changes: Sequence[Vectors],
    people: Sequence[int],
    clear: Vectors,
) -> Hidden:
    faces, around = np.stack(views, axis=1)
    return Hidden(
        faces,
        around,
        np.stack(resolved),
        np.array(geometry, np.float32),
        np.array(changes, np.float32),
        np.array(people, np.intp),
        clear,
    )


def _move(
    portrait: Portrait, random: np.random.Generator
) -> tuple[Picture, Box, NDArray[np.float32]]:
    """Shift, turn and scale the portrait a little, and add noise.

    Returns:
        The picture, the box as a detector might place it, and the true landmarks.
    """
    left, top, right, bottom = portrait.box
    centre = (left + right) / 2, (top + bottom) / 2
    angle, scale = random.normal(0, 4), float(np.exp(random.normal(0, 0.06)))
    turn = np.asarray(cv2.getRotationMatrix2D(centre, angle, scale), np.float64)
    turn[:, 2] += random.uniform(-0.15, 0.15, 2) * (bottom - top)
    picture = cv2.warpAffine(portrait.picture, turn, (SIDE, SIDE), borderMode=cv2.BORDER_REPLICATE)
    noisy = picture + random.normal(0, _NOISE, picture.shape)
    landmarks = portrait.landmarks @ turn[:, :2].T + turn[:, 2]
    x, y = turn[:, :2] @ centre + turn[:, 2]
    width, height = (right - left) * scale, (bottom - top) * scale
    box = jitter((x - width / 2, y - height / 2, x + width / 2, y + height / 2), JITTER, random)
    return noisy.clip(0, 255).astype(np.uint8), box, landmarks.astype(np.float32)


def _geometry(box: Box) -> Vectors:
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    return np.array(
        [height / SIDE, width / height, (left + right) / 2 / SIDE, (top + bottom) / 2 / SIDE],
        np.float32,
    )


def _through_codec(pictures: Iterator[Picture]) -> Iterator[Picture]:
    """Encode as the daemon does by default, and decode again."""
    encoder = av.CodecContext.create("libx264", "w")
    encoder.width, encoder.height, encoder.pix_fmt = SIDE, SIDE, "yuv420p"
    encoder.time_base = Fraction(1, 30)
    encoder.options = {"preset": "ultrafast"}
    decoder = av.CodecContext.create("h264", "r")
    packets = [
        packet
        for picture in (*pictures, None)
        for packet in encoder.encode(
            None if picture is None else av.VideoFrame.from_ndarray(picture, format="rgb24")
        )
    ]
    for packet in (*packets, None):
        for frame in decoder.decode(packet):
            yield frame.to_ndarray(format="rgb24").astype(np.uint8, copy=False)


def jitter(box: Box, amount: float, random: np.random.Generator) -> Box:
    """Misplace a box as a detector does: centre and sides by a standard deviation of `amount`."""
    left, top, right, bottom = box
    width, height = right - left, bottom - top
    x, y = (
        (left + right) / 2 + random.normal(0, amount) * width,
        (top + bottom) / 2 + random.normal(0, amount) * height,
    )
    width, height = (
        width * np.exp(random.normal(0, amount)),
        height * np.exp(random.normal(0, amount)),
    )
    return x - width / 2, y - height / 2, x + width / 2, y + height / 2
