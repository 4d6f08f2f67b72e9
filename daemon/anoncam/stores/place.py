"""Where a file is: on this machine, or in a store that a URL names."""

from pathlib import Path

from anoncam.stores.file_system import is_url
from anoncam.stores.remote_file import RemoteFile

Place = Path | RemoteFile
"""Where a file or folder is."""


def place_of(text: str) -> Place:
    """The place that a path or a URL names; ``file://`` names a path.

    Raises:
        StoreError: it is a URL that cannot be used.
    """
    if text.startswith("file://"):
        return Path(text.removeprefix("file://").removeprefix("localhost"))
    return RemoteFile(text) if is_url(text) else Path(text)
