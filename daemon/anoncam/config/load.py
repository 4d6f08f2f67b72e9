"""The configuration from a file and the environment: checked as a whole, all problems at once."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any, cast

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from anoncam.config import yaml_nodes
from anoncam.config.checks import RULE
from anoncam.config.keys import FIELDS, KeyPath, allowed, dotted, takes_text
from anoncam.config.problems import InvalidConfigError, Place, Problem
from anoncam.config.schema import Config
from anoncam.config.settings import Settings, read_environment, read_file
from anoncam.events.redaction import redact


def load(path: Path | None, environment: Mapping[str, str]) -> Config:
    """The configuration that `path` (None: the defaults) and, over it, `environment` make together.

    Raises:
        InvalidConfigError: with every problem in the two, each with its place.
    """
    problems: list[Problem] = []
    from_file = read_file(path, problems) if path else {}
    settings = from_file | read_environment(environment, problems)
    try:
        config = Config.model_validate(_nested(settings))
    except ValidationError as error:
        problems += _explained(error, settings, Place(str(path or "defaults")), problems)
    if problems:
        raise InvalidConfigError(problems)
    return config


def renamed_keys(path: Path, environment: Mapping[str, str]) -> tuple[Problem, ...]:
    """Which settings stand under a name that they no longer have; each still counts."""
    settings = read_file(path, []) | read_environment(environment, [])
    return tuple(
        Problem(setting.place(), dotted(setting.old_key), f"is now called {dotted(key)}")
        for key, setting in settings.items()
        if setting.old_key
    )


def place_of(key: tuple[str, ...], path: Path, environment: Mapping[str, str]) -> Place:
    """Where the value of a setting stands in a configuration that can be loaded; the file, if it
    stands nowhere.
    """
    settings = read_file(path, []) | read_environment(environment, [])
    setting = settings.get(key)
    return setting.place() if setting else Place(str(path))


def _explained(
    error: ValidationError, settings: Settings, nowhere: Place, known: list[Problem]
) -> list[Problem]:
    details = error.errors(include_url=False, include_input=False)
    broken = {problem.key.rpartition(".")[0] for problem in known}
    unread = any(not problem.key for problem in known)
    locations = [detail["loc"] for detail in details]
    problems = []
    for detail in details:
        location = detail["loc"]
        # A list is not wrong once more for an item in it, nor a key for a neighbour that could not
        # be read.
        in_list = any(
            len(other) > len(location) and other[: len(location)] == location for other in locations
        )
        by_neighbour = bool(_cause(detail)) and (
            unread or dotted(_field_key(detail)[:-1]) in broken
        )
        if not in_list and not by_neighbour:
            problems.append(_problem(detail, settings, nowhere))
    return problems


def _nested(settings: Settings) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, setting in settings.items():
        branch = tree
        for section in key[:-1]:
            branch = branch.setdefault(section, {})
        branch[key[-1]] = yaml_nodes.plain(setting.node)
    return tree


def _field_key(detail: ErrorDetails) -> tuple[str, ...]:
    """The key of the setting: the part of the location before the places in its list."""
    return cast("tuple[str, ...]", tuple(part for part in detail["loc"] if isinstance(part, str)))


def _cause(detail: ErrorDetails) -> str | None:
    """The key beside it that makes the setting wrong."""
    return cast("str | None", detail.get("ctx", {}).get("because"))


def _problem(detail: ErrorDetails, settings: Settings, nowhere: Place) -> Problem:
    key = _field_key(detail)
    within: KeyPath = detail["loc"][len(key) :]
    setting = settings.get(key)
    cause = settings.get((*key[:-1], _cause(detail) or ""))
    place = setting.place(within) if setting else cause.place() if cause else nowhere
    if detail["type"] == RULE:
        return Problem(place, dotted(detail["loc"]), detail["ctx"]["message"])
    field = FIELDS[key]
    node = setting.item(within) if setting is not None else None
    # Only what may hold a password is kept out of the repr.
    shown = _shown(node) if field.repr else "is not shown, as it may hold a password"
    in_quotes = (
        " (put it in quotes)"
        if takes_text(field) and isinstance(node, yaml.ScalarNode) and node.value
        else ""
    )
    return Problem(
        place, dotted(detail["loc"]), f"{shown}, must be {allowed(field, len(within))}{in_quotes}"
    )


def _shown(node: yaml.Node | None) -> str:
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
        return "is empty"
    text = redact(yaml_nodes.written(node))
    text = text if len(text) <= 60 else f"{text[:59]}…"
    value = yaml_nodes.plain(node)
    if isinstance(value, str):
        return f'is "{text}"'
    if isinstance(value, bool) and text.lower() not in {"true", "false"}:
        return f"is {text} (in YAML that is {str(value).lower()})"
    return f"is {text}"
