"""Who tries to name the people: each attacker knows how the faces were hidden, but not the secret
of it.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

import cv2
import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import RidgeCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from tools.reidentify.recognition import Recogniser, normalise

Vectors = NDArray[np.float32]

CELLS = 16
"""The aligned face is read at so many points across and down, each in three colours: finer than any
grid here."""

FOLDS = 4
"""Parts of the people: who is to be named is never among those that the attacker learnt from."""


@dataclass(frozen=True, eq=False)
class Hidden:
    """Hidden pictures of some people, one row for each.

    `faces` is uint8 RGB of shape (n, 112, 112, 3), aligned by the clear picture's landmarks, which
    no attacker on a real camera has; `around` the same at half the scale, so that it shows as much
    again on each side; `geometry` float32 of shape (n, 4): the box's height, aspect ratio, and its
    centre in the picture. `people` holds numbers; equal ones are the same person. `clear` is what
    the recogniser says of the clear pictures.
    """

    faces: NDArray[np.uint8]
    around: NDArray[np.uint8]
    geometry: Vectors
    people: NDArray[np.intp]
    clear: Vectors

    def of(self, chosen: NDArray[np.bool_]) -> "Hidden":
        """Those rows alone."""
        return Hidden(
            self.faces[chosen],
            self.around[chosen],
            self.geometry[chosen],
            self.people[chosen],
            self.clear[chosen],
        )


def join(parts: Sequence[Hidden]) -> Hidden:
    """All rows of all parts."""
    return Hidden(
        np.concatenate([part.faces for part in parts]),
        np.concatenate([part.around for part in parts]),
        np.concatenate([part.geometry for part in parts]),
        np.concatenate([part.people for part in parts]),
        np.concatenate([part.clear for part in parts]),
    )


@dataclass(frozen=True, eq=False)
class Situation:
    """What an attacker is given: probes to name, a gallery, clear and hidden, and others to learn
    from.

    Probes and gallery have a row for each person, in the same order. `learning` holds those people
    too, whom `fold` keeps from their own attacker, and many more.
    """

    probes: Hidden
    gallery: Hidden
    learning: Hidden
    recogniser: Recogniser


Closer = NDArray[np.bool_]
"""Shape (probes, gallery): whether a probe looks more like that person of the gallery than like the
right one."""

Attacker = Callable[[Situation], Closer]

Reading = Callable[[Hidden], Vectors]
"""Float32 of shape (n, features): what a learner reads in hidden pictures."""


def cells(hidden: Hidden) -> Vectors:
    """The tones of the face, and the box's geometry."""
    return np.concatenate([_cells(hidden.faces, CELLS), hidden.geometry], axis=1)


def box_alone(hidden: Hidden) -> Vectors:
    """The geometry and the mean colour: all that a box says which hides everything in it."""
    return np.concatenate([_cells(hidden.faces, 1), hidden.geometry], axis=1)


def surroundings(hidden: Hidden) -> Vectors:
    """The face with what lies around it: hair, clothes, the place."""
    return np.concatenate([_cells(hidden.around, CELLS), hidden.geometry], axis=1)


def naive(situation: Situation) -> Closer:
    """The recogniser looks at the hidden face as if it were a clear one."""
    return _compare(situation.recogniser.embed(situation.probes.faces), situation.gallery.clear)


def parrot(situation: Situation) -> Closer:
    """The gallery is hidden in the same way before they are compared: Newton, Sweeney and Malin
    (2005).
    """
    embed = situation.recogniser.embed
    return _compare(embed(situation.probes.faces), embed(situation.gallery.faces))


def ridge(situation: Situation) -> Closer:
    """A linear map from the hidden face to the clear one's vector, learnt from other people."""
    return _regress(
        situation, lambda: make_pipeline(StandardScaler(), RidgeCV(np.logspace(1, 6, 11)))
    )


def network(situation: Situation) -> Closer:
    """A network with a hidden layer for the same map."""

    def make() -> Pipeline:
        hidden = MLPRegressor(
            hidden_layer_sizes=(256,), alpha=1e-2, early_stopping=True, max_iter=60, random_state=0
        )
        return make_pipeline(StandardScaler(), PCA(128, random_state=0), hidden)

    return _regress(situation, make)


def discriminant(situation: Situation, read: Reading = cells) -> Closer:
    """Fisher's discriminant of other people's hidden faces; probes and gallery, both hidden, are
    compared in it.
    """
    closer = np.ones((len(situation.probes.people), len(situation.gallery.people)), bool)
    for tested, learning in _folds(situation):
        features = read(learning)
        base = make_pipeline(StandardScaler(), PCA(min(128, *features.shape), random_state=0)).fit(
            features
        )
        lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.1).fit(
            base.transform(features), learning.people
        )
        probes, gallery = (
            normalise(lda.transform(base.transform(read(hidden)))[:, :100])
            for hidden in (situation.probes, situation.gallery)
        )
        closer[tested] = _compare(probes, gallery)[tested]
    return closer


ATTACKERS: Mapping[str, Attacker] = {
    "naive": naive,
    "parrot": parrot,
    "trained, linear": ridge,
    "trained, network": network,
    "trained, discriminant": discriminant,
    "trained, box alone": partial(discriminant, read=box_alone),
    "trained, surroundings": partial(discriminant, read=surroundings),
}


def _regress(situation: Situation, make: Callable[[], Pipeline]) -> Closer:
    closer = np.ones((len(situation.probes.people), len(situation.gallery.people)), bool)
    for tested, learning in _folds(situation):
        learner = make()
        with warnings.catch_warnings():
            # It stops when it no longer gets better, or at the limit: either is what is wanted.
            warnings.simplefilter("ignore", ConvergenceWarning)
            learner.fit(cells(learning), learning.clear)
        predicted = learner.predict(cells(situation.probes))
        centre = learning.clear.mean(axis=0)
        # Without the mean face in both, all guesses point the same way.
        compared = _compare(
            normalise(predicted - centre), normalise(situation.gallery.clear - centre)
        )
        closer[tested] = compared[tested]
    return closer


def _folds(situation: Situation) -> Iterator[tuple[NDArray[np.bool_], Hidden]]:
    """For each part of the people: which probes it holds, and all that the attacker may learn from
    then.
    """
    people = situation.probes.people
    for number in range(FOLDS):
        tested = np.arange(len(people)) % FOLDS == number
        yield tested, situation.learning.of(~np.isin(situation.learning.people, people[tested]))


def _compare(probes: Vectors, gallery: Vectors) -> Closer:
    likeness = probes @ gallery.T
    return np.asarray(likeness > likeness.diagonal()[:, None])


def _cells(faces: NDArray[np.uint8], side: int) -> Vectors:
    """Means of `side` times `side` cells of each face, of shape (n, side * side * 3), from 0 to
    1.
    """
    means = [cv2.resize(face, (side, side), interpolation=cv2.INTER_AREA) for face in faces]
    return np.stack(means).reshape(len(faces), -1).astype(np.float32) / np.float32(255)
