"""The settings of file and environment together, checked as a whole."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from anoncam.config import yaml_nodes
from anoncam.config.drop_ins import read_with_drop_ins
from anoncam.config.environment import read_environment
from anoncam.config.explanations import explain
from anoncam.config.keys import Key, dotted
from anoncam.config.problems import InvalidConfigError, Place, Problem
from anoncam.config.schema import Config
from anoncam.config.setting import Settings
from anoncam.config.size_checks import sizes_without_unit, too_small_for_a_segment


def load_given(path: Path | None, environment: Mapping[str, str]) -> Config:
    """The configuration from `path` (None: the defaults); variables of `environment` win over it.

    Raises:
        InvalidConfigError: with every problem in file and environment, each with its place.
    """
    problems: list[Problem] = []
    from_file = read_with_drop_ins(path, problems) if path else {}
    settings = from_file | read_environment(environment, problems)
    without_unit = sizes_without_unit(settings)
    try:
        config = Config.model_validate(_nested(settings))
        problems += without_unit or too_small_for_a_segment(config, settings)
    except ValidationError as error:
        problems += explain(error, settings, Place(str(path or "defaults")), problems)
        problems += without_unit
    if problems:
        raise InvalidConfigError(problems)
    return config


def renamed_keys(path: Path, environment: Mapping[str, str]) -> tuple[Problem, ...]:
    """The settings that stand under an old name; each of them counts all the same."""
    settings = read_with_drop_ins(path, []) | read_environment(environment, [])
    return tuple(
        Problem(setting.place(), dotted(setting.old_key), f"is now called {dotted(key)}")
        for key, setting in settings.items()
        if setting.old_key
    )


def place_of(key: Key, path: Path, environment: Mapping[str, str]) -> Place:
    """The place of a setting in a valid configuration; the file, if it stands nowhere."""
    settings = read_with_drop_ins(path, []) | read_environment(environment, [])
    setting = settings.get(key)
    return setting.place() if setting else Place(str(path))


def _nested(settings: Settings) -> dict[str, Any]:
    tree: dict[str, Any] = {}
    for key, setting in settings.items():
        branch = tree
        for section in key[:-1]:
            branch = branch.setdefault(section, {})
        branch[key[-1]] = yaml_nodes.value_of(setting.node)
    return tree
