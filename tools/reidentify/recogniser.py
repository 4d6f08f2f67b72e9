"""The face recogniser: from a picture and the landmarks of its face to a vector of the person."""

from collections.abc import Iterable
from pathlib import Path

import cv2
import numpy as np
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray

from anoncam.errors import InputError
from tools.reidentify.portraits import Portrait
from tools.reidentify.squares import Squares

SIDE = 112
"""Side in pixels of the square input of the recogniser."""


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
"""The landmarks of an aligned face of 112 x 112, published with Deng et al., "ArcFace" (2019)."""


def align(
    picture: NDArray[np.uint8], landmarks: NDArray[np.float32], zoom: float = 1.0
) -> NDArray[np.uint8]:
    """Turn, scale and shift a face so that its landmarks are where the recogniser expects them.

    With `zoom` below 1, the face is smaller and more of its surroundings is seen. The result has
    shape (112, 112, 3).
    """
    aligned = cv2.warpAffine(
        picture,
        _turn(landmarks, zoom),
        (SIDE, SIDE),
        flags=cv2.INTER_AREA,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(aligned, np.uint8)


def align_squares(squares: Squares, landmarks: NDArray[np.float32], zoom: float) -> Squares:
    """Turn, scale and shift the numbers of squares as `align` does the picture."""
    aligned = cv2.warpAffine(
        squares,
        _turn(landmarks, zoom),
        (SIDE, SIDE),
        flags=cv2.INTER_NEAREST,
        borderMode=cv2.BORDER_REPLICATE,
    )
    return np.asarray(aligned, np.uint16)


def _turn(landmarks: NDArray[np.float32], zoom: float) -> NDArray[np.float64]:
    template = (_TEMPLATE - SIDE / 2) * zoom + SIDE / 2
    turn = cv2.estimateAffinePartial2D(landmarks, template, method=cv2.LMEDS)[0]
    return np.asarray(turn, np.float64)


class Recogniser:
    """MobileFaceNet as a TFLite file: uint8 RGB of 112 x 112 in, a unit vector out."""

    def __init__(self, model: Path) -> None:
        if not model.is_file():
            raise InputError(f"{model}: no such file", "pass a folder with the weights as --shared")
        self._interpreter = Interpreter(model_path=str(model), num_threads=1)
        self._interpreter.allocate_tensors()
        self._input = self._interpreter.get_input_details()[0]
        self._output = self._interpreter.get_output_details()[0]

    def embed(self, faces: Iterable[NDArray[np.uint8]]) -> NDArray[np.float32]:
        """Compute vectors of length 1, float32 of shape (n, dimensions)."""
        pictures = (np.stack(list(faces)).astype(np.float32) - np.float32(127.5)) / np.float32(128)
        batch = int(self._input["shape"][0])
        vectors = []
        for start in range(0, len(pictures), batch):
            part = pictures[start : start + batch]
            # The file has a fixed batch size: the last batch is filled up with its first face.
            filled = np.concatenate([part, np.repeat(part[:1], batch - len(part), axis=0)])
            self._interpreter.set_tensor(self._input["index"], filled)
            self._interpreter.invoke()
            vectors.append(self._interpreter.get_tensor(self._output["index"])[: len(part)].copy())
        return normalise(np.concatenate(vectors))

    def embed_portraits(self, portraits: Iterable[Portrait]) -> NDArray[np.float32]:
        """Compute the vectors of clear portraits."""
        return self.embed(align(each.picture, each.landmarks) for each in portraits)


def normalise(vectors: NDArray[np.float32]) -> NDArray[np.float32]:
    """Scale each row to length 1."""
    lengths = np.linalg.norm(vectors, axis=1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9), np.float32)
