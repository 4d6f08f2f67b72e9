"""Portraits of the faces to hide and to name, with the box and the landmarks of each."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import cv2
import numpy as np
from numpy.typing import NDArray
from PIL import Image

from anoncam.errors import InputError
from anoncam.frames.boxes import Box
from tools.dataset.dataset import LabelledPicture

SIDE = 250
"""Side of a portrait in pixels, as in Labeled Faces in the Wild."""

_FACE_HEIGHT = 90
"""The usual height of a face in such a picture. Other faces are scaled to it."""


@dataclass(frozen=True, eq=False)
class Portrait:
    """One picture of one face.

    `picture` is uint8 RGB of shape (SIDE, SIDE, 3). `landmarks` is float32 of shape (5, 2), x and y
    in pixels: the eyes, the tip of the nose and the corners of the mouth, from left to right.
    """

    person: str
    picture: NDArray[np.uint8]
    box: Box
    landmarks: NDArray[np.float32]


class LandmarkDetector:
    """YuNet with its landmarks, run by OpenCV."""

    def __init__(self, model: Path) -> None:
        try:
            self._detector = cv2.FaceDetectorYN.create(
                str(model), "", (SIDE, SIDE), score_threshold=0.5
            )
        except cv2.error as error:
            raise InputError(
                f"{model}: OpenCV cannot load it as YuNet", "pass yunet_n_dynamic.onnx"
            ) from error

    def detect(self, picture: NDArray[np.uint8]) -> NDArray[np.float32]:
        """Detect faces, best first.

        Returns:
            Shape (n, 15): x, y, width, height, x and y of five landmarks, score.
        """
        self._detector.setInputSize((picture.shape[1], picture.shape[0]))
        found = self._detector.detect(np.ascontiguousarray(picture[..., ::-1]))[1]
        faces = np.zeros((0, 15), np.float32) if found is None else np.asarray(found, np.float32)
        return faces[np.argsort(-faces[:, 14])]


def read_people(folder: Path, detector: LandmarkDetector) -> tuple[list[Portrait], list[Portrait]]:
    """Read the gallery and the probes: PERSON/gallery.jpg and PERSON/probe.jpg in `folder`.

    People whose face is not detected in both pictures are left out.

    Raises:
        InputError: there are no such pictures.
    """
    gallery, probes = [], []
    for person in sorted(path for path in folder.iterdir() if (path / "gallery.jpg").is_file()):
        pair = [
            _central(person.name, _read(person / name), detector)
            for name in ("gallery.jpg", "probe.jpg")
        ]
        if pair[0] is not None and pair[1] is not None:
            gallery.append(pair[0])
            probes.append(pair[1])
    if not gallery:
        raise InputError(
            f"{folder}: holds no people",
            "pass a folder with PERSON/gallery.jpg and PERSON/probe.jpg",
        )
    return gallery, probes


def cut_portraits(
    pictures: Iterable[LabelledPicture], detector: LandmarkDetector, least: float = 40
) -> Iterator[Portrait]:
    """Yield a portrait of each labelled face of at least `least` pixels height with landmarks."""
    for labelled in pictures:
        large = labelled.boxes[labelled.boxes[:, 3] >= least]
        if not len(large):
            continue
        picture = _read(labelled.path)
        found = detector.detect(picture)
        for number, box in enumerate(large):
            for face in found:
                if _overlap(box, face) > 0.5:
                    yield _cut(f"{labelled.path.stem} {number}", picture, face)
                    break


def _cut(person: str, picture: NDArray[np.uint8], face: NDArray[np.float32]) -> Portrait:
    scale = _FACE_HEIGHT / float(face[3])
    centre = face[:2] + face[2:4] / 2
    shift = SIDE / 2 - scale * centre
    turn = np.array([[scale, 0, shift[0]], [0, scale, shift[1]]])
    flags = cv2.INTER_AREA if scale < 1 else cv2.INTER_LINEAR
    cut = cv2.warpAffine(picture, turn, (SIDE, SIDE), flags=flags, borderMode=cv2.BORDER_REPLICATE)
    scaled = face.copy()
    scaled[:14] *= scale
    scaled[[0, 1]] += shift
    scaled[4:14] += np.tile(shift, 5)
    return _portrait(person, np.asarray(cut, np.uint8), scaled)


def _central(
    person: str, picture: NDArray[np.uint8], detector: LandmarkDetector
) -> Portrait | None:
    """The portrait of the face nearest to the centre, since others may be at the border."""
    height, width = picture.shape[:2]
    found = detector.detect(picture)
    if not len(found):
        return None
    off = np.abs(found[:, :2] + found[:, 2:4] / 2 - (width / 2, height / 2)).max(axis=1)
    face = found[int(off.argmin())]
    return (
        _cut(person, picture, face)
        if picture.shape[:2] != (SIDE, SIDE)
        else _portrait(person, picture, face)
    )


def _portrait(person: str, picture: NDArray[np.uint8], face: NDArray[np.float32]) -> Portrait:
    left, top, width, height = (float(value) for value in face[:4])
    return Portrait(
        person, picture, (left, top, left + width, top + height), face[4:14].reshape(5, 2)
    )


def _read(path: Path) -> NDArray[np.uint8]:
    with Image.open(path) as picture:
        return np.asarray(picture.convert("RGB"))


def _overlap(first: NDArray[np.float32], second: NDArray[np.float32]) -> float:
    """Intersection over union of two boxes of x, y, width, height."""
    low = np.maximum(first[:2], second[:2])
    high = np.minimum(first[:2] + first[2:4], second[:2] + second[2:4])
    common = float(np.prod(np.maximum(high - low, 0)))
    return common / float(np.prod(first[2:4]) + np.prod(second[2:4]) - common)
