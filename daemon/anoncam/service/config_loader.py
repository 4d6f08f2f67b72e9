"""Loads the daemon's configuration: from its file, or the last good one in its place."""

import logging
from collections.abc import Mapping
from pathlib import Path

from anoncam.config import added_zones, folders, outlets
from anoncam.config.advice import advise
from anoncam.config.folders import Folders
from anoncam.config.last_good import Loaded, load_or_last_good, remember
from anoncam.config.load import load
from anoncam.config.schema import Config
from anoncam.detectors.model_check import check_model
from anoncam.errors import StorageError
from anoncam.events.event import LOGGER, Event, emit


class ConfigLoader:
    """Loads the configuration file at `path`, and keeps the last good one in the state folder."""

    def __init__(self, path: Path, environment: Mapping[str, str], state_folder: Path) -> None:
        self.path = path
        self._environment = environment
        self._state_folder = state_folder
        self.added_zones = added_zones.read(state_folder)

    def load_at_start(self) -> Loaded:
        """The configuration to start on: the file's, else the last good one, which is an event.

        Raises:
            InvalidConfigError: there is neither.
        """
        loaded = load_or_last_good(self.path, self._environment, self._state_folder)
        if loaded.problems:
            problems = tuple(map(str, loaded.problems))
            emit(
                Event.CONFIG_FELL_BACK,
                "the configuration has errors, so the last good one is in force:",
                level=logging.ERROR,
                details=problems,
                problems=problems,
            )
            self._publish(loaded.config)
        else:
            self.accept(loaded.config)
        if self.added_zones == (added_zones.EVERYTHING,):
            text = "a zone that was added from the network covers everything, or %s is damaged"
            LOGGER.warning(text, self._state_folder / added_zones.FILE_NAME)
        return loaded

    def with_added_zones(self, config: Config) -> Config:
        """`config` with the zones that were added from the network."""
        return added_zones.with_zones(config, self.added_zones)

    def add_zones(self, zones: added_zones.Zones) -> None:
        """Have these zones added from now on, in place of those before.

        Raises:
            StorageError: they cannot be kept.
        """
        added_zones.write(self._state_folder, zones)
        self.added_zones = zones

    def load(self) -> Config:
        """The configuration of the file, with the environment's changes.

        Raises:
            InvalidConfigError: with all problems.
        """
        return load(self.path, self._environment)

    def check_model(self, config: Config) -> None:
        """Look at the model that `config` names.

        Raises:
            InvalidConfigError: it cannot be used.
        """
        check_model(config, self.path, self._environment)

    def accept(self, config: Config) -> None:
        """Keep `config` as the last good one, tell the outlets, and log advice on it."""
        logger = logging.getLogger(__name__)
        try:
            remember(config, self._state_folder)
        except StorageError as error:
            # A card that has turned read-only must not stop a start: the recorder reports it.
            logger.warning("%s", error)
        self._publish(config)
        for advice in advise(config, self.path, self._environment):
            logger.warning("%s", advice)

    def _publish(self, config: Config) -> None:
        runtime = folders.runtime_folder(self._environment)
        outlets.publish(config, Folders(self._state_folder, runtime))
