"""Where fetched models are kept: for the whole machine, or for one user."""

import os
from collections.abc import Mapping
from pathlib import Path

SYSTEM = Path("/usr/local/share/anoncam/models")
"""For the service too. Only root writes here, so the daemon cannot change what it loads."""


def own_folder(environment: Mapping[str, str]) -> Path:
    """The folder of this user, by the XDG base directories."""
    home = environment.get("XDG_DATA_HOME") or f"{environment.get('HOME', '/')}/.local/share"
    return Path(home) / "anoncam" / "models"


def folder_to_write(environment: Mapping[str, str]) -> Path:
    """Where `fetch` puts a model: as root for the whole machine, unless XDG_DATA_HOME is set."""
    for_all = os.geteuid() == 0 and not environment.get("XDG_DATA_HOME")
    return SYSTEM if for_all else own_folder(environment)


def folders_to_read(environment: Mapping[str, str]) -> tuple[Path, ...]:
    """Where fetched models are looked for, in this order; a service reads those of root alone."""
    if environment.get("STATE_DIRECTORY"):
        return (SYSTEM,)
    return own_folder(environment), SYSTEM


def make(folder: Path) -> None:
    """Make a folder of models; everybody can read that of the whole machine, whatever the umask.

    Raises:
        OSError: it cannot be made.
    """
    missing = [each for each in (folder, *folder.parents) if not each.exists()]
    folder.mkdir(parents=True, exist_ok=True)
    if folder == SYSTEM:
        for each in missing:
            each.chmod(0o755)
