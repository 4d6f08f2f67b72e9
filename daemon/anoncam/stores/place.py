"""Where a file is: on this machine, or in a store that a URL names."""

import os
import re
from pathlib import Path
from urllib.parse import unquote_to_bytes

from anoncam.stores.file_system import is_url
from anoncam.stores.remote_file import RemoteFile

_FILE = re.compile("file://(?:localhost)?(?=/)", re.IGNORECASE)

Place = Path | RemoteFile
"""Where a file or folder is."""


def real(place: Place) -> Place:
    """The place without links; one that leads to itself stays a link, and is no error here."""
    return Path(os.path.realpath(place)) if isinstance(place, Path) else place


def whole(place: Place) -> Place:
    """The place from the root on, under its own name also if that is a link."""
    return Path(os.path.realpath(place.parent), place.name) if isinstance(place, Path) else place


def place_of(text: str) -> Place:
    """The place that a path or a URL names; ``file://`` names a path.

    Raises:
        StoreError: it is a URL that cannot be used.
    """
    if (local := _FILE.match(text)) is not None:
        return Path(os.fsdecode(unquote_to_bytes(os.fsencode(text[local.end() :]))))
    return RemoteFile(text) if is_url(text) else Path(text)
