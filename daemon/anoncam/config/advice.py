"""What is allowed and yet most likely not meant: settings by which most frames of a camera come out
veiled.
"""

from collections.abc import Mapping
from pathlib import Path

from anoncam.config.keys import dotted
from anoncam.config.load import place_of, renamed_keys
from anoncam.config.problems import Place, Problem
from anoncam.config.schema import Config


def advise(config: Config, path: Path, environment: Mapping[str, str]) -> tuple[Problem, ...]:
    """What to reconsider in a configuration that was loaded from `path` and `environment`; none of
    it is refused.
    """
    rate = ("detector", "rate") if config.detector.rate else ("source", "fps")
    apart = 1 / (config.detector.rate or config.source.fps)
    limits = {
        ("detector", "max_gap"): config.detector.max_gap,
        ("coverage", "look_ahead"): config.coverage.look_ahead,
    }
    advice = []
    for key, limit in limits.items():
        if limit < apart:
            place, named = _place_of_either(key, rate, path, environment)
            what = (
                f"most frames of a camera will be veiled, since {dotted(key)} is {limit:g} seconds, and {dotted(rate)} "
                f"lets {apart:.2g} pass between two answers of the detector"
            )
            advice.append(Problem(place, dotted(named), what))
    return (*renamed_keys(path, environment), *advice)


def _place_of_either(
    first: tuple[str, ...], second: tuple[str, ...], path: Path, environment: Mapping[str, str]
) -> tuple[Place, tuple[str, ...]]:
    """Where the first of the two stands that does not have its default."""
    for key in (first, second):
        if (place := place_of(key, path, environment)) != Place(str(path)):
            return place, key
    return Place(str(path)), first
