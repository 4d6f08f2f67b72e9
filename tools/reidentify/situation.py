"""What an attacker is given."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import cv2
import numpy as np
from numpy.typing import NDArray

from tools.reidentify.recogniser import Recogniser

Vectors = NDArray[np.float32]
"""Shape (n, dimensions)."""


@dataclass(frozen=True, eq=False)
class Hidden:
    """Hidden pictures of some people, one row for each.

    `faces` is uint8 RGB of shape (n, 112, 112, 3), aligned by the landmarks of the clear picture,
    which no real attacker has. `around` is the same at half the scale, so it shows the surroundings
    too. `resolved` is like `around`, but super-resolved from all frames. `geometry` is float32 of
    shape (n, 4): height, aspect ratio and centre of the box that is shown. `changes` is float32 of
    shape (n, m): how all this changes from frame to frame; of still pictures m is 0. `people`
    numbers the persons. `clear` are the vectors of the clear pictures.
    """

    faces: NDArray[np.uint8]
    around: NDArray[np.uint8]
    resolved: NDArray[np.uint8]
    geometry: Vectors
    changes: Vectors
    people: NDArray[np.intp]
    clear: Vectors

    def of(self, chosen: NDArray[np.bool_]) -> "Hidden":
        """Select rows."""
        return Hidden(
            self.faces[chosen],
            self.around[chosen],
            self.resolved[chosen],
            self.geometry[chosen],
            self.changes[chosen],
            self.people[chosen],
            self.clear[chosen],
        )

    def super_resolved(self) -> "Hidden":
        """The same, seen by super-resolution: the face is the middle of `resolved`, enlarged."""
        quarter = self.resolved.shape[1] // 4
        middle = self.resolved[:, quarter:-quarter, quarter:-quarter]
        faces = [
            cv2.resize(face, None, fx=2, fy=2, interpolation=cv2.INTER_CUBIC) for face in middle
        ]
        return replace(self, faces=np.stack(faces).astype(np.uint8), around=self.resolved)


def join(parts: Sequence[Hidden]) -> Hidden:
    """Concatenate the rows of all parts."""
    return Hidden(
        np.concatenate([part.faces for part in parts]),
        np.concatenate([part.around for part in parts]),
        np.concatenate([part.resolved for part in parts]),
        np.concatenate([part.geometry for part in parts]),
        np.concatenate([part.changes for part in parts]),
        np.concatenate([part.people for part in parts]),
        np.concatenate([part.clear for part in parts]),
    )


@dataclass(frozen=True, eq=False)
class Situation:
    """Probes to name, a gallery of the same people, and pictures of people to learn from.

    Probes and gallery have a row for each person, in the same order. `learning` has these people
    too and many more. An attacker never learns from the person whom he is to name.
    """

    probes: Hidden
    gallery: Hidden
    learning: Hidden
    recogniser: Recogniser
