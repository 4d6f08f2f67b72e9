"""Where the daemon keeps things: systemd's folders as a service, the user's own otherwise."""

from collections.abc import Mapping
from pathlib import Path

from anoncam.config.schema import RecordingSettings

CONFIG_FILE = Path("/etc/anoncam/config.yaml")


def state_folder(environment: Mapping[str, str]) -> Path:
    """What survives a restart: systemd's StateDirectory, or the XDG state folder."""
    given = environment.get("STATE_DIRECTORY")
    if given:
        return Path(given.split(":")[0])
    home = environment.get("XDG_STATE_HOME") or Path(environment.get("HOME", "/")) / ".local" / "state"
    return Path(home) / "anoncam"


def recordings_folder(settings: RecordingSettings, state: Path) -> Path:
    """Where segments go: as configured, or below the state folder."""
    return settings.folder or state / "recordings"
