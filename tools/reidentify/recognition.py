"""The face recogniser: from a picture and the landmarks of its face to a vector that stands for the
person.
"""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from tools.reidentify.portraits import Portrait

SIDE = 112
"""Pixels of the recogniser's input, a square."""

_TEMPLATE = np.array(
    [
        [38.2946, 51.6963],
        [73.5318, 51.5014],
        [56.0252, 71.7366],
        [41.5493, 92.3655],
        [70.7299, 92.2041],
    ],
    np.float32,
)
"""Where the landmarks lie in an aligned face of 112 x 112: Deng et al., "ArcFace" (2019), as
published with it."""


def align(
    picture: NDArray[np.uint8], landmarks: NDArray[np.float32], zoom: float = 1.0
) -> NDArray[np.uint8]:
    """The face turned, scaled and shifted so that its landmarks lie as the recogniser expects:
    (112, 112, 3).

    With `zoom` below 1 it is smaller by that, and shows more of what lies around it.
    """
    template = (_TEMPLATE - SIDE / 2) * zoom + SIDE / 2
    turn = cv2.estimateAffinePartial2D(landmarks, template, method=cv2.LMEDS)[0]
    aligned = cv2.warpAffine(
        picture, turn, (SIDE, SIDE), flags=cv2.INTER_AREA, borderMode=cv2.BORDER_REPLICATE
    )
    return np.asarray(aligned, np.uint8)


class Recogniser:
    """MobileFaceNet as a TFLite file: uint8 RGB of 112 x 112 in, a unit vector out."""

    def __init__(self, model: Path) -> None:
        self._interpreter = Interpreter(model_path=str(model), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]
        self._output = self._interpreter.get_output_details()[0]

    def embed(self, faces: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Float32 of shape (n, dimensions), each row of length 1."""
        pictures = (np.stack(list(faces)).astype(np.float32) - np.float32(127.5)) / np.float32(128)
        batch = int(self._input["shape"][0])
        vectors = []
        for start in range(0, len(pictures), batch):
            part = pictures[start : start + batch]
            # The file has a fixed batch: the last one is filled up with its own first face.
            filled = np.concatenate([part, np.repeat(part[:1], batch - len(part), axis=0)])
            self._interpreter.set_tensor(self._input["index"], filled)
            self._interpreter.invoke()
            vectors.append(self._interpreter.get_tensor(self._output["index"])[: len(part)].copy())
        return normalise(np.concatenate(vectors))

    def embed_portraits(self, portraits: Iterable[Portrait]) -> NDArray[np.float32]:
        """The vectors of clear portraits."""
        return self.embed(align(each.picture, each.landmarks) for each in portraits)


def normalise(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Each row at length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)
