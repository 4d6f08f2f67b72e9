"""Zones that were added from the network: in a file of the daemon's own, beside the configuration.

They are added to the zones of the configuration, and can do nothing else. So whoever controls the
web page can cover more, and never less than the configuration says.
"""

import json
import os
from pathlib import Path

from pydantic import ValidationError

from anoncam.config.schema import AnonymizerSettings, Config, Zone
from anoncam.errors import ConfigError, StorageError
from anoncam.files.file_system_calls import sync_file, sync_folder

FILE_NAME = "added-zones.json"

MOST = 16
MOST_PICTURES = 4
"""How many zones there may be, and how often they may cover the picture, counted by their bounding
boxes. Each takes time in the way of every frame."""

EVERYTHING: Zone = ((0.0, 0.0), (1.0, 0.0), (1.0, 1.0), (0.0, 1.0))

Zones = tuple[Zone, ...]


def check(zones: object) -> Zones:
    """`zones`, as JSON has them, after the checks of `anonymizer.zones` and of what they cost.

    Raises:
        ConfigError: with the first problem.
    """
    try:
        checked = AnonymizerSettings.model_validate({"zones": zones}).zones
    except (ValidationError, RecursionError) as error:
        problem = error.errors()[0] if isinstance(error, ValidationError) else None
        place = "".join(f"[{each}]" for each in problem["loc"][1:]) if problem else ""
        text = problem["msg"] if problem else "nested too deeply"
        raise ConfigError(f"zones{place}: {text}") from error
    if len(checked) > MOST:
        raise ConfigError(f"there are more than {MOST} zones", "draw fewer that are larger")
    if sum(map(_box_area, checked)) > MOST_PICTURES:
        raise ConfigError(
            f"the zones cover the picture more than {MOST_PICTURES} times",
            "draw them side by side",
        )
    return checked


def read(state_folder: Path) -> Zones:
    """The added zones.

    If the file cannot be read, one zone covers everything: nobody knows what it was to cover.
    """
    try:
        return check(json.loads((state_folder / FILE_NAME).read_bytes()))
    except FileNotFoundError:
        return ()
    except (OSError, ValueError, RecursionError):
        return (EVERYTHING,)


def write(state_folder: Path, zones: Zones) -> None:
    """Keep the added zones; the file is whole at any instant.

    Raises:
        StorageError: the state folder cannot be written.
    """
    final, part = state_folder / FILE_NAME, state_folder / f"{FILE_NAME}.part"
    content = json.dumps(zones).encode()
    try:
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            sync_file(file.fileno(), part)
        os.replace(part, final)  # noqa: PTH105 - the name says that the old one is replaced
        sync_folder(state_folder)
    except OSError as error:
        raise StorageError(
            f"cannot keep the added zones in {final}: {error.strerror}", "make the folder writable"
        ) from error


def with_zones(config: Config, zones: Zones) -> Config:
    """`config` with further zones."""
    anonymizer = config.anonymizer
    wider = anonymizer.model_copy(update={"zones": anonymizer.zones + zones})
    return config.model_copy(update={"anonymizer": wider})


def _box_area(zone: Zone) -> float:
    columns, rows = zip(*zone, strict=True)
    area: float = (max(columns) - min(columns)) * (max(rows) - min(rows))
    return area
