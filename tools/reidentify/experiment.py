"""All attackers against all methods."""

from collections.abc import Sequence

import numpy as np
from tqdm import tqdm

from tools.reidentify.attackers import ATTACKERS, Closer
from tools.reidentify.methods import Method
from tools.reidentify.people import People
from tools.reidentify.portraits import Portrait
from tools.reidentify.recogniser import Recogniser
from tools.reidentify.situation import Hidden, Situation, Vectors, join
from tools.reidentify.views import hide_moving, hide_stills

VARIANTS = 4
"""Hidden pictures of each face that an attacker learns from, each with its own box and secret."""


MOVING_VARIANTS = 1
"""The same for moving faces: each of their clips shows many boxes already."""


Outcome = dict[str, dict[str, list[list[Closer]]]]
"""By method and attacker: what the attacker found in each round and direction."""


def attack(
    people: People,
    recogniser: Recogniser,
    methods: Sequence[Method],
    attackers: Sequence[str],
    rounds: int,
    counts: Sequence[int],
    seed: int,
) -> dict[int, Outcome]:
    """Let each attacker attack each method.

    The result is by the number of averaged frames (`counts`), which is 1 for still pictures.
    """
    found: dict[int, Outcome] = {
        count: {method.name: {attacker: [] for attacker in attackers} for method in methods}
        for count in counts or (1,)
    }
    for method in methods:
        for number in range(rounds):
            random = np.random.default_rng([seed, number])
            for count, pair in _situations(people, recogniser, method, counts, random).items():
                for attacker, rounds_found in found[count][method.name].items():
                    rounds_found.append([ATTACKERS[attacker](each) for each in pair])
    return found


def _situations(
    people: People,
    recogniser: Recogniser,
    method: Method,
    counts: Sequence[int],
    random: np.random.Generator,
) -> dict[int, tuple[Situation, ...]]:
    """Make the situations, with gallery and probes as they are and exchanged."""
    known = range(len(people.gallery))
    unknown = range(len(known), len(known) + len(people.others))
    sets = [
        (people.gallery, known, people.gallery_clear),
        (people.probes, known, people.probes_clear),
    ]
    pictures = [_hide(method, *each, counts, random) for each in sets]
    sets.append((people.others, unknown, people.others_clear))
    variants = MOVING_VARIANTS if counts else VARIANTS
    jobs = tqdm(
        [each for each in sets for _ in range(variants)], method.name, leave=False, disable=None
    )
    learning = [_hide(method, *each, counts, random) for each in jobs]
    situations: dict[int, tuple[Situation, ...]] = {}
    for count in pictures[0]:
        gallery, probes = (each[count] for each in pictures)
        learnt = join([each[count] for each in learning])
        pairs = (probes, gallery), (gallery, probes)
        situations[count] = tuple(Situation(*pair, learnt, recogniser) for pair in pairs)
    return situations


def _hide(
    method: Method,
    portraits: list[Portrait],
    people: Sequence[int],
    clear: Vectors,
    counts: Sequence[int],
    random: np.random.Generator,
) -> dict[int, Hidden]:
    if counts:
        return hide_moving(portraits, people, clear, method, random, counts)
    return {1: hide_stills(portraits, people, clear, method, random)}
