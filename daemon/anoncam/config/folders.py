"""Where the daemon keeps its files: systemd's folders for the service, else the user's own."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from anoncam.config.schema import RecordingSettings

CONFIG_FILE = Path("/etc/anoncam/config.yaml")

CAMERA_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.:-]*")
"""A name of a camera: systemd takes it for an instance of anoncam@.service as it is."""


@dataclass(frozen=True)
class Folders:
    """`state` survives a restart; `runtime` is of use only while the daemon runs."""

    state: Path
    runtime: Path


SERVICE = Folders(Path("/var/lib/anoncam"), Path("/run/anoncam"))
"""The folders of the service, as its unit names them."""


def config_of_camera(name: str) -> Path:
    """The configuration file of anoncam@NAME.service."""
    return CONFIG_FILE.with_name(f"{name}.yaml")


def folders_of_camera(name: str) -> Folders:
    """The folders of anoncam@NAME.service, as its unit names them."""
    state, runtime = SERVICE.state, SERVICE.runtime
    return Folders(
        state.with_name(f"{state.name}@{name}"), runtime.with_name(f"{runtime.name}@{name}")
    )


def state_folder(environment: Mapping[str, str]) -> Path:
    """The folder that survives a restart: systemd's StateDirectory, or the XDG state folder."""
    given = environment.get("STATE_DIRECTORY")
    if given:
        return Path(given.split(":")[0])
    home = (
        environment.get("XDG_STATE_HOME") or Path(environment.get("HOME", "/")) / ".local" / "state"
    )
    return Path(home) / "anoncam"


def runtime_folder(environment: Mapping[str, str]) -> Path:
    """The folder in memory: systemd's RuntimeDirectory, or the XDG runtime folder.

    If only STATE_DIRECTORY is set, it is the state folder.
    """
    given = environment.get("RUNTIME_DIRECTORY")
    if given:
        return Path(given.split(":")[0])
    user = environment.get("XDG_RUNTIME_DIR")
    if user and not environment.get("STATE_DIRECTORY"):
        return Path(user) / "anoncam"
    return state_folder(environment)


def credentials_folder(environment: Mapping[str, str]) -> Path | None:
    """Where systemd has put the credentials of this service; None if it has none."""
    given = environment.get("CREDENTIALS_DIRECTORY")
    return Path(given) if given else None


def daemon_folders(environment: Mapping[str, str]) -> Folders:
    """The folders of a daemon with this environment."""
    return Folders(state_folder(environment), runtime_folder(environment))


def to_inspect(environment: Mapping[str, str]) -> list[Folders]:
    """Where to look for a daemon: the environment's folders, else the service's and one's own."""
    own = daemon_folders(environment)
    named = environment.get("STATE_DIRECTORY") or environment.get("RUNTIME_DIRECTORY")
    return [own] if named else [SERVICE, own]


def recordings_folder(settings: RecordingSettings, state: Path) -> Path:
    """The folder of the segments: as configured, or below the state folder."""
    return settings.folder or state / "recordings"


def upload_folder(state: Path) -> Path:
    """The folder of the process that uploads, which is another user's: beside the state folder."""
    return state.with_name(f"{state.name}-upload")
