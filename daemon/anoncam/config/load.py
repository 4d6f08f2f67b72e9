"""Load the configuration; the built-in one takes no time."""

from collections.abc import Mapping
from pathlib import Path

from anoncam.config.keys import PREFIX
from anoncam.config.schema import Config


def load(path: Path | None, environment: Mapping[str, str]) -> Config:
    """The configuration from `path` (None: the defaults), its drop-ins, and the environment.

    Of the three, the later one wins.

    Raises:
        InvalidConfigError: with every problem in file and environment, each with its place.
    """
    if path is None and not any(name.startswith(PREFIX) for name in environment):
        return Config()
    # Only settings that are given need YAML, and what explains errors in it.
    from anoncam.config.given_settings import load_given  # noqa: PLC0415

    return load_given(path, environment)
