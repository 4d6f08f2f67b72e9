"""What the outlets need of the configuration: the daemon writes it to a file of its own.

The configuration itself may hold the password of a camera. Whoever has that sees faces, so no
process that is on a network reads it.
"""

import logging
from pathlib import Path

from anoncam.config import folders
from anoncam.config.schema import Config, Section, UploadSettings

NAME = "outlets.json"


class Outlets(Section):
    """The settings in force of all outlets; `recordings` is the folder of the segments."""

    recordings: str
    upload: UploadSettings = UploadSettings()


def publish(config: Config, state: Path) -> None:
    """Write what the outlets need into the state folder, where the group can read it."""
    recordings = folders.recordings_folder(config.recording, state)
    content = Outlets(recordings=str(recordings), upload=config.upload).model_dump_json(indent=1)
    final = state / NAME
    part = final.with_suffix(".part")
    try:
        # Flash memory wears with each write.
        if final.exists() and final.read_text() == content:
            return
        state.mkdir(parents=True, exist_ok=True)
        part.write_text(content)
        part.replace(final)
    except (OSError, ValueError) as error:
        # Recording goes on; the outlets go on with what they have.
        logging.getLogger(__name__).warning("%s cannot be written: %s", final, error)


def read(state: Path) -> Outlets | None:
    """What the daemon has published in its state folder; None if there is nothing of use.

    Raises:
        PermissionError: this user may not read it.
    """
    try:
        return Outlets.model_validate_json((state / NAME).read_bytes())
    except PermissionError:
        raise
    except (OSError, ValueError):
        return None
