"""Advice on settings that are valid and most likely not meant."""

from collections.abc import Mapping
from pathlib import Path

from anoncam.config.drop_ins import overridden
from anoncam.config.environment import misspelled_variables
from anoncam.config.given_settings import place_of, renamed_keys
from anoncam.config.keys import Key, dotted
from anoncam.config.problems import Place, Problem
from anoncam.config.schema import Config


def advise(config: Config, path: Path, environment: Mapping[str, str]) -> tuple[Problem, ...]:
    """All advice on a configuration that was loaded from `path` and `environment`."""
    return (
        *misspelled_variables(environment),
        *renamed_keys(path, environment),
        *overridden(path),
        *_veiling(config, path, environment),
    )


def _veiling(config: Config, path: Path, environment: Mapping[str, str]) -> list[Problem]:
    """Settings by which most frames of a camera are veiled."""
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
                "most frames of a camera will be veiled, "
                f"since {dotted(key)} is {limit:g} seconds, "
                f"and with this {dotted(rate)} results of the detector are {apart:.2g} s apart"
            )
            advice.append(Problem(place, dotted(named), what))
    return advice


def _place_of_either(
    first: Key, second: Key, path: Path, environment: Mapping[str, str]
) -> tuple[Place, Key]:
    """The first of two keys that somebody has written, with its place; else `first`."""
    for key in (first, second):
        if (place := place_of(key, path, environment)) != Place(str(path)):
            return place, key
    return Place(str(path)), first
