"""The cameras of a machine: a daemon for each, whose runtime folders lie side by side."""

import glob
import os
from pathlib import Path

from anoncam.feed.protocol import NAME

RUNTIME = Path("/run")
UNITS = Path("/etc/systemd/system")
"""Where systemd keeps the runtime folders of services, and which units start with the machine."""

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


def enabled_cameras(folder: Path) -> dict[str, Path]:
    """The runtime folders of all daemons that systemd starts with the machine; as `find_cameras`.

    One that cannot start gives no feed, and has not even a folder. A daemon of one's own is started
    by hand.
    """
    if folder.parent != RUNTIME:
        return {}
    unit = glob.escape(folder.name)
    links = [each for name in (unit, f"{unit}@*") for each in UNITS.glob(f"*.wants/{name}.service")]
    found = sorted(folder.with_name(each.name.removesuffix(".service")) for each in links)
    return {camera_name(each): each for each in found}
