"""The disk of the recordings, remembered because it may be missing at the next start."""

import errno
import json
import os
from pathlib import Path

from anoncam.events.event import LOGGER
from anoncam.files.file_system_calls import sync_file

NOTE = "recordings-disk.json"
"""The name of the file in the state folder that remembers the disk."""


class RecordingsDisk:
    """The disk that `folder` is on.

    Where a disk is missing, its mount point is an empty folder on another disk. Nothing must be
    written there. `note` is the file that remembers the mount point; None to remember nothing.
    """

    def __init__(self, folder: Path, note: Path | None) -> None:
        self._folder = folder
        self._note = note
        self._mount = self._recall()
        self.device = 0

    def check_mounted(self) -> None:
        """Check that the disk is there.

        Raises:
            OSError: nothing is mounted where the disk was.
        """
        if self._mount is None or os.path.ismount(self._mount):
            return
        remedy = (
            f"mount it or, to record without it, delete {self._note}" if self._note else "mount it"
        )
        text = f"the disk is no longer mounted at {self._mount}: {remedy}"
        raise FileNotFoundError(errno.ENODEV, text, str(self._mount))

    def check(self) -> None:
        """Check that the disk is there and is still the same.

        Raises:
            OSError: the folder is no longer on the disk of the last `learn`.
        """
        self.check_mounted()
        if self._folder.stat().st_dev != self.device:
            raise FileNotFoundError(errno.ENODEV, "another disk is mounted", str(self._folder))

    def learn(self) -> None:
        """Remember the disk that the folder is on now.

        Raises:
            OSError: there is no such folder.
        """
        self.device = self._folder.stat().st_dev
        mount = _mount_point(self._folder)
        if mount != self._mount:
            self._mount = mount
            self._remember()

    def _recall(self) -> Path | None:
        try:
            facts = json.loads(self._note.read_bytes()) if self._note else {}
            return Path(facts["mount"]) if facts.get("folder") == str(self._folder) else None
        except (OSError, ValueError, TypeError, LookupError, AttributeError):
            return None

    def _remember(self) -> None:
        if self._note is None:
            return
        fresh = self._note.with_suffix(".part")
        try:
            self._note.parent.mkdir(parents=True, exist_ok=True)
            with fresh.open("w") as file:
                json.dump({"folder": str(self._folder), "mount": str(self._mount)}, file)
                file.flush()
                sync_file(file.fileno(), fresh)
            fresh.replace(self._note)
        except OSError as error:
            # The recordings may be on another disk, which still works.
            LOGGER.warning(
                "the disk of the recordings cannot be remembered in %s: %s",
                self._note,
                error.strerror,
            )


def _mount_point(path: Path) -> Path:
    path = Path(os.path.realpath(path))
    while not os.path.ismount(path):
        path = path.parent
    return path
