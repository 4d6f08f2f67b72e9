"""Errors of pydantic as problems for people: what is there, what must be there, and where."""

from typing import cast

import yaml
from pydantic import ValidationError
from pydantic_core import ErrorDetails

from anoncam.config import yaml_nodes
from anoncam.config.allowed_values import allowed, takes_text
from anoncam.config.keys import FIELDS, Key, KeyPath, dotted
from anoncam.config.problems import Place, Problem
from anoncam.config.setting import Settings
from anoncam.config.value_checks import RULE
from anoncam.events.redaction import redact

_LONGEST_VALUE = 60


def explain(
    error: ValidationError, settings: Settings, nowhere: Place, known: list[Problem]
) -> list[Problem]:
    """The problems in `error`, without those that follow from another one.

    `nowhere` is the place of a setting that nobody has written; `known` were found before.
    """
    details = error.errors(include_url=False, include_input=False)
    broken = {problem.key.rpartition(".")[0] for problem in known}
    unread = any(not problem.key for problem in known)
    locations = [detail["loc"] for detail in details]
    problems = []
    for detail in details:
        location = detail["loc"]
        # The wrong item is a problem already; the list around it is not a second one.
        in_list = any(
            len(other) > len(location) and other[: len(location)] == location for other in locations
        )
        # The neighbour could not be read, so nothing is known about what depends on it.
        by_neighbour = bool(_cause(detail)) and (
            unread or dotted(_field_key(detail)[:-1]) in broken
        )
        if not in_list and not by_neighbour:
            problems.append(_problem(detail, settings, nowhere))
    return problems


def _field_key(detail: ErrorDetails) -> Key:
    """The key of the setting: the part of the location before the places in its list."""
    return cast("Key", tuple(part for part in detail["loc"] if isinstance(part, str)))


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
    # A field that may hold a password is the only one that is left out of the repr.
    shown = _shown(node) if field.repr else "is not shown, as it may hold a password"
    in_quotes = (
        " (put it in quotes)"
        if takes_text(field) and isinstance(node, yaml.ScalarNode) and node.value
        else ""
    )
    what = f"{shown}, must be {allowed(field, len(within))}{in_quotes}"
    return Problem(place, dotted(detail["loc"]), what)


def _shown(node: yaml.Node | None) -> str:
    if node is None or (isinstance(node, yaml.ScalarNode) and not node.value):
        return "is empty"
    text = redact(yaml_nodes.text_of(node))
    text = text if len(text) <= _LONGEST_VALUE else f"{text[: _LONGEST_VALUE - 1]}…"
    value = yaml_nodes.value_of(node)
    if isinstance(value, str):
        return f'is "{text}"'
    if isinstance(value, bool) and text.lower() not in {"true", "false"}:
        return f"is {text} (in YAML that is {str(value).lower()})"
    return f"is {text}"
