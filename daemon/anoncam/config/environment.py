"""The settings in variables of the environment: ``ANONCAM__SECTION__KEY``."""

import re
from collections.abc import Mapping

import yaml

from anoncam.config import yaml_nodes
from anoncam.config.keys import FIELDS, PREFIX, SECTIONS, Key, dotted
from anoncam.config.problems import Place, Problem
from anoncam.config.renamed import RENAMED
from anoncam.config.setting import Setting, Settings, add_setting
from anoncam.config.suggestions import nearest
from anoncam.events.redaction import redact


def variable(key: Key) -> str:
    """The variable that sets `key`.

    >>> variable(("detector", "rate"))
    'ANONCAM__DETECTOR__RATE'
    """
    return PREFIX + "__".join(key).upper()


_KEYS = {variable(key): key for key in (*FIELDS, *RENAMED)}
_SECTIONS = {variable(key): key for key in SECTIONS if key}


def read_environment(environment: Mapping[str, str], problems: list[Problem]) -> Settings:
    """The settings in the variables, read as YAML; unknown variables are added to `problems`."""
    settings: Settings = {}
    for name in sorted(name for name in environment if name.startswith(PREFIX)):
        place = Place(f"environment: {redact(name)}")
        if name not in _KEYS:
            problems.append(Problem(place, "", _unknown_variable(name)))
            continue
        key = _KEYS[name]
        try:
            root = yaml_nodes.compose(environment[name])
        except yaml_nodes.SyntaxProblemError as error:
            problems.append(Problem(place, dotted(key), error.what))
            continue
        node = root or yaml.ScalarNode("tag:yaml.org,2002:null", "")
        add_setting(settings, key, Setting(node, place.name, is_variable=True), place, problems)
    return settings


def misspelled_variables(environment: Mapping[str, str]) -> tuple[Problem, ...]:
    """Advice on variables that have no effect and look like ours: ``ANONCAM_SOURCE_TYPE``.

    Variables with the right prefix are left out, since `read_environment` reports those.
    """
    return tuple(
        Problem(Place(f"environment: {redact(name)}"), "", f"has no effect, did you mean {meant}?")
        for name in sorted(environment)
        if not name.startswith(PREFIX) and (meant := _meant(name))
    )


def _meant(name: str) -> str:
    """The variable that somebody probably meant; empty if the name is not like any of ours."""
    plain = _plain(name)
    if not plain.startswith(_PLAIN_SECTIONS):
        return ""
    best = _PLAIN_KEYS[nearest(plain, _PLAIN_KEYS, 0.0)]
    return variable(RENAMED.get(best, best))


def _plain(name: str) -> str:
    """The name without what people mistake: case, and the kind and number of separators."""
    return re.sub("[^A-Z0-9]+", "_", name.upper())


_PLAIN_KEYS = {_plain(name): key for name, key in _KEYS.items()}
_PLAIN_SECTIONS = tuple(f"{_plain(name)}_" for name in _SECTIONS)


def _unknown_variable(name: str) -> str:
    if name in _SECTIONS:
        keys = ", ".join(known for known in _KEYS if known.startswith(f"{name}__"))
        return f"is the section {dotted(_SECTIONS[name])}, must be one of its keys: {keys}"
    return f"is not known, did you mean {nearest(name, _KEYS, 0.0)}?"
