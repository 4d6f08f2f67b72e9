"""Checks that the model that a configuration names is on the disk; the schema reads no files."""

from collections.abc import Mapping
from pathlib import Path

from anoncam.config.given_settings import place_of
from anoncam.config.problems import InvalidConfigError, Problem
from anoncam.config.schema import Config
from anoncam.detectors import model_file
from anoncam.errors import ModelError


def check_model(config: Config, path: Path, environment: Mapping[str, str]) -> None:
    """Look for the model of a configuration that was loaded from `path` and `environment`.

    Raises:
        InvalidConfigError: there is no such model; the error holds the place of the setting.
    """
    try:
        model_file.find(config.detector.model)
    except ModelError as error:
        place = place_of(("detector", "model"), path, environment)
        raise InvalidConfigError([Problem(place, "detector.model", str(error))]) from error
