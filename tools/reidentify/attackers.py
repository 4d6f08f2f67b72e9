"""Attackers, who try to name the people behind hidden faces.

Each attacker knows how the faces were hidden, but not the secret.
"""

import warnings
from collections.abc import Callable, Iterator, Mapping
from functools import partial

import numpy as np
from numpy.typing import NDArray
from sklearn.decomposition import PCA
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.exceptions import ConvergenceWarning
from sklearn.linear_model import RidgeCV
from sklearn.neural_network import MLPRegressor
from sklearn.pipeline import Pipeline, make_pipeline
from sklearn.preprocessing import StandardScaler

from tools.reidentify.features import Features, box_alone, everything, surroundings
from tools.reidentify.recogniser import normalise
from tools.reidentify.situation import Hidden, Situation, Vectors

FOLDS = 4
"""Parts of the people. The attacker of one part learns from the people of the others."""


Closer = NDArray[np.bool_]
"""Shape (probes, gallery): whether a probe looks more like that person than like the right one."""


Attacker = Callable[[Situation], Closer]
"""Compares every probe with every person of the gallery."""


def naive(situation: Situation) -> Closer:
    """Give the hidden face to the recogniser as if it were clear."""
    return _compare(situation.recogniser.embed(situation.probes.faces), situation.gallery.clear)


def parrot(situation: Situation) -> Closer:
    """Hide the gallery in the same way before comparing: Newton, Sweeney and Malin (2005)."""
    embed = situation.recogniser.embed
    return _compare(embed(situation.probes.faces), embed(situation.gallery.faces))


def ridge(situation: Situation) -> Closer:
    """Learn a linear map from the hidden face to the vector of the clear one."""
    return _regress(
        situation, lambda: make_pipeline(StandardScaler(), RidgeCV(np.logspace(1, 6, 11)))
    )


def network(situation: Situation) -> Closer:
    """Learn the same map with a network with one hidden layer."""

    def make() -> Pipeline:
        hidden = MLPRegressor(
            hidden_layer_sizes=(256,), alpha=1e-2, early_stopping=True, max_iter=60, random_state=0
        )
        return make_pipeline(StandardScaler(), PCA(128, random_state=0), hidden)

    return _regress(situation, make)


def discriminant(situation: Situation, read: Features = everything) -> Closer:
    """Compare hidden probes with the hidden gallery by Fisher's discriminant of other people."""
    closer = np.ones((len(situation.probes.people), len(situation.gallery.people)), bool)
    for tested, learning in _folds(situation):
        features = read(learning)
        base = make_pipeline(StandardScaler(), PCA(min(128, *features.shape), random_state=0)).fit(
            features
        )
        lda = LinearDiscriminantAnalysis(solver="eigen", shrinkage=0.1)
        with warnings.catch_warnings():
            # Of most people there is one face only, which says nothing of how they vary.
            warnings.filterwarnings("ignore", "Only one sample available")
            lda.fit(base.transform(features), learning.people)
        probes, gallery = (
            normalise(lda.transform(base.transform(read(hidden)))[:, :100])
            for hidden in (situation.probes, situation.gallery)
        )
        closer[tested] = _compare(probes, gallery)[tested]
    return closer


def super_resolving(situation: Situation, attack: Attacker) -> Closer:
    """Attack the picture that super-resolution makes of all frames, instead of their mean."""
    probes, gallery, learning = (
        each.super_resolved() for each in (situation.probes, situation.gallery, situation.learning)
    )
    return attack(Situation(probes, gallery, learning, situation.recogniser))


STILL_ATTACKERS: Mapping[str, Attacker] = {
    "naive": naive,
    "parrot": parrot,
    "trained, linear": ridge,
    "trained, network": network,
    "trained, discriminant": discriminant,
    "trained, box alone": partial(discriminant, read=box_alone),
    "trained, surroundings": partial(discriminant, read=surroundings),
}
"""Those who need a single picture."""


ATTACKERS: Mapping[str, Attacker] = {
    **STILL_ATTACKERS,
    **{
        f"super-resolved, {name}": partial(super_resolving, attack=STILL_ATTACKERS[name])
        for name in ("naive", "parrot", "trained, linear", "trained, discriminant")
    },
}


def _regress(situation: Situation, make: Callable[[], Pipeline]) -> Closer:
    closer = np.ones((len(situation.probes.people), len(situation.gallery.people)), bool)
    for tested, learning in _folds(situation):
        learner = make()
        with warnings.catch_warnings():
            # Training may end at the limit of iterations.
            warnings.simplefilter("ignore", ConvergenceWarning)
            learner.fit(everything(learning), learning.clear)
        predicted = learner.predict(everything(situation.probes))
        centre = learning.clear.mean(axis=0)
        # The mean face is removed from both, or all predictions would be alike.
        compared = _compare(
            normalise(predicted - centre), normalise(situation.gallery.clear - centre)
        )
        closer[tested] = compared[tested]
    return closer


def _folds(situation: Situation) -> Iterator[tuple[NDArray[np.bool_], Hidden]]:
    """Yield the probes of each part of the people, and what its attacker may learn from."""
    people = situation.probes.people
    for number in range(FOLDS):
        tested = np.arange(len(people)) % FOLDS == number
        yield tested, situation.learning.of(~np.isin(situation.learning.people, people[tested]))


def _compare(probes: Vectors, gallery: Vectors) -> Closer:
    """Of people who look the same to him, an attacker names the first."""
    likeness = probes @ gallery.T
    right = likeness.diagonal()[:, None]
    before = np.tri(len(probes), len(gallery), -1, dtype=np.bool_)
    return np.asarray((likeness > right) | ((likeness == right) & before))
