"""What the outlets need of the configuration: the daemon writes it to a file of its own.

The configuration itself may hold the password of a camera. Whoever has that sees faces, so no
process that is on a network reads it.
"""

import logging
from pathlib import Path

from anoncam.config import folders
from anoncam.config.folders import Folders
from anoncam.config.schema import (
    Config,
    ControlSettings,
    MqttSettings,
    RtspSettings,
    Section,
    UploadSettings,
)

NAME = "outlets.json"


class Outlets(Section):
    """The settings in force of all outlets; `recordings` is the folder of the segments."""

    recordings: str
    upload: UploadSettings = UploadSettings()
    control: ControlSettings = ControlSettings()
    mqtt: MqttSettings = MqttSettings()
    rtsp: RtspSettings = RtspSettings()


def publish(config: Config, place: Folders) -> None:
    """Write what the outlets need into both folders of the daemon, where they can read it.

    The user of an outlet reads one of the two: the state folder with its group, or the runtime
    folder.
    """
    recordings = folders.recordings_folder(config.recording, place.state)
    content = Outlets(
        recordings=str(recordings),
        upload=config.upload,
        control=config.control,
        mqtt=config.mqtt,
        rtsp=config.rtsp,
    ).model_dump_json(indent=1)
    for folder in dict.fromkeys((place.state, place.runtime)):
        try:
            _replace(folder / NAME, content)
        except (OSError, ValueError) as error:
            # Recording goes on; the outlets go on with what they have.
            logging.getLogger(__name__).warning("%s cannot be written: %s", folder / NAME, error)


def _replace(final: Path, content: str) -> None:
    # Flash memory wears with each write.
    if final.exists() and final.read_text() == content:
        return
    final.parent.mkdir(parents=True, exist_ok=True)
    part = final.with_suffix(".part")
    part.write_text(content)
    # There is no secret in it, and readers are of another user.
    part.chmod(0o644)
    part.replace(final)


def read(folder: Path) -> Outlets | None:
    """What the daemon has published in one of its folders; None if there is nothing of use.

    Raises:
        PermissionError: this user may not read it.
    """
    try:
        return Outlets.model_validate_json((folder / NAME).read_bytes())
    except PermissionError:
        raise
    except (OSError, ValueError):
        return None
