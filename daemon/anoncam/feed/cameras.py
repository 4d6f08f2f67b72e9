"""The cameras of a machine: a daemon for each, whose runtime folders lie side by side."""

import glob
import os
from pathlib import Path

from anoncam.feed.protocol import NAME

LOOK = 2.0
"""Seconds between two looks for further cameras."""


def camera_name(folder: Path) -> str:
    """The name of the camera whose daemon has this runtime folder; empty for the only one.

    >>> camera_name(Path("/run/anoncam@door")), camera_name(Path("/run/anoncam"))
    ('door', '')
    """
    return folder.name.partition("@")[2]


def find_cameras(folder: Path) -> dict[str, Path]:
    """The runtime folders of all daemons that give a feed, by the names of their cameras.

    `folder` is that of ``anoncam.service``; those of ``anoncam@NAME.service`` lie beside it.
    """
    others = sorted(folder.parent.glob(f"{glob.escape(folder.name)}@*"))
    # Of a folder that may not be entered, nothing can be known.
    return {
        camera_name(each): each for each in (folder, *others) if os.access(each / NAME, os.F_OK)
    }
