"""Who tries to name the people: each attacker knows how the faces were hidden, but not the secret of it."""

import warnings
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

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

from tools.reidentifying.recognition import Recogniser, normalise

Vectors = NDArray[np.float32]

CELLS = 16
"""The aligned face is read at so many points across and down, each in three colours: finer than any grid here."""

FOLDS = 4
"""Parts of the people: who is to be named is never among those that the attacker learnt from."""


@dataclass(frozen=True, eq=False)
class Hidden:
    """Hidden pictures of some people, one row for each.

    `faces` is uint8 RGB of shape (n, 112, 112, 3), aligned by the clear picture's landmarks, which no attacker on a
    real camera has; `geometry` float32 of shape (n, 4): the box's height, aspect ratio, and its centre as aligned.
    `people` holds numbers; equal ones are the same person. `clear` is what the recogniser says of the clear pictures.
    """

    faces: NDArray[np.uint8]
    geometry: Vectors
    people: NDArray[np.intp]
    clear: Vectors

    def features(self) -> Vectors:
        """Float32 of shape (n, features): what a learner reads."""
        cells = [cv2.resize(face, (CELLS, CELLS), interpolation=cv2.INTER_AREA) for face in self.faces]
        flat = np.stack(cells).reshape(len(self.faces), -1).astype(np.float32) / 255
        return np.concatenate([flat, self.geometry], axis=1)

    def of(self, chosen: NDArray[np.bool_]) -> "Hidden":
        """Those rows alone."""
        return Hidden(self.faces[chosen], self.geometry[chosen], self.people[chosen], self.clear[chosen])


def join(parts: Sequence[Hidden]) -> Hidden:
    """All rows of all parts."""
    return Hidden(
        np.concatenate([part.faces for part in parts]),
        np.concatenate([part.geometry for part in parts]),
        np.concatenate([part.people for part in parts]),
        np.concatenate([part.clear for part in parts]),
    )


@dataclass(frozen=True, eq=False)
class Situation:
    """What an attacker is given: probes to name, a gallery, clear and hidden, and others to learn from.

    Probes and gallery have a row for each person, in the same order. `learning` holds those people too, whom
    `fold` keeps from their own attacker, and many more.
    """

    probes: Hidden
    gallery: Hidden
    learning: Hidden
    recogniser: Recogniser


Attacker = Callable[[Situation], NDArray[np.bool_]]
"""Says for each probe whether the right person was named at once."""


def naive(situation: Situation) -> NDArray[np.bool_]:
    """The recogniser looks at the hidden face as if it were a clear one."""
    return _named(situation.recogniser.embed(situation.probes.faces), situation.gallery.clear)


def parrot(situation: Situation) -> NDArray[np.bool_]:
    """The gallery is hidden in the same way before they are compared: Newton, Sweeney and Malin (2005)."""
    embed = situation.recogniser.embed
    return _named(embed(situation.probes.faces), embed(situation.gallery.faces))


def ridge(situation: Situation) -> NDArray[np.bool_]:
    """A linear map from the hidden face to the clear one's vector, learnt from other people."""
    return _regress(situation, lambda: make_pipeline(StandardScaler(), RidgeCV(np.logspace(1, 6, 11))))


def network(situation: Situation) -> NDArray[np.bool_]:
    """A network with a hidden layer for the same map."""

    def make() -> Pipeline:
        hidden = MLPRegressor(hidden_layer_sizes=(256,), alpha=1e-2, early_stopping=True, max_iter=60, random_state=0)
        return make_pipeline(StandardScaler(), PCA(128, random_state=0), hidden)

    return _regress(situation, make)


def discriminant(situation: Situation) -> NDArray[np.bool_]:
    """Fisher's discriminant of other people's hidden faces; probes and gallery, both hidden, are compared in it."""
    hits = np.zeros(len(situation.probes.people), bool)
    for tested, learning in _folds(situation):
        features = learning.features()
        base = make_pipeline(StandardScaler(), PCA(min(128, len(features) - 1), random_state=0)).fit(features)
        lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.1).fit(base.transform(features), learning.people)
        probes, gallery = (
            normalise(lda.transform(base.transform(hidden.features()))[:, :100])
            for hidden in (situation.probes, situation.gallery)
        )
        hits[tested] = _named(probes, gallery)[tested]
    return hits


ATTACKERS: Mapping[str, Attacker] = {
    "naive": naive,
    "parrot": parrot,
    "trained, linear": ridge,
    "trained, network": network,
    "trained, discriminant": discriminant,
}


def _regress(situation: Situation, make: Callable[[], Pipeline]) -> NDArray[np.bool_]:
    hits = np.zeros(len(situation.probes.people), bool)
    for tested, learning in _folds(situation):
        learner = make()
        with warnings.catch_warnings():
            # It stops when it no longer gets better, or at the limit: either is what is wanted.
            warnings.simplefilter("ignore", ConvergenceWarning)
            learner.fit(learning.features(), learning.clear)
        predicted = learner.predict(situation.probes.features())
        centre = learning.clear.mean(axis=0)
        # Without the mean face in both, all guesses point the same way.
        hits[tested] = _named(normalise(predicted - centre), normalise(situation.gallery.clear - centre))[tested]
    return hits


def _folds(situation: Situation) -> Iterator[tuple[NDArray[np.bool_], Hidden]]:
    """For each part of the people: which probes it holds, and all that the attacker may learn from then."""
    people = situation.probes.people
    for number in range(FOLDS):
        tested = np.arange(len(people)) % FOLDS == number
        yield tested, situation.learning.of(~np.isin(situation.learning.people, people[tested]))


def _named(probes: Vectors, gallery: Vectors) -> NDArray[np.bool_]:
    return np.asarray((probes @ gallery.T).argmax(axis=1) == np.arange(len(probes)))
