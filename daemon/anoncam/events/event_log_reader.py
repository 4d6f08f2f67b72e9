"""Read back what the daemon has written into its event log."""

import json
from pathlib import Path

from anoncam.clock import parse_time
from anoncam.events.event_log import NAMES, NOTE


def read(folder: Path) -> list[dict[str, object]]:
    """All events kept in `folder`, in order, without lines that a power cut has torn.

    Raises:
        OSError: a file is there and cannot be read.
    """
    entries = []
    for name in NAMES:
        try:
            content = (folder / name).read_bytes()
        except FileNotFoundError:
            continue
        entries += [entry for line in content.splitlines() if (entry := _parse(line)) is not None]
    return entries


def read_note(folder: Path) -> dict[str, object]:
    """The last known state of the daemon; empty if there is no whole one."""
    try:
        facts = json.loads((folder / NOTE).read_bytes())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def _parse(line: bytes) -> dict[str, object] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if (
        not isinstance(entry, dict)
        or not isinstance(entry.get("event"), str)
        or parse_time(entry.get("at")) is None
    ):
        return None
    return entry
