"""The status file: what the daemon does now."""

import json
from collections.abc import Mapping
from enum import StrEnum
from pathlib import Path
from typing import Any

from anoncam.clock import as_local
from anoncam.events.redaction import redact_all

NAME = "status.json"


class State(StrEnum):
    """What the daemon does; the field `doing` of the status describes it for people."""

    STARTING = "starting"
    OPENING = "opening"
    RECORDING = "recording"
    WAITING = "waiting-for-camera"
    RETRYING = "retrying"
    STOPPED = "stopped"


PAUSED = "paused"
"""The state of the recording while it is paused from the network."""


def write(folder: Path, status: Mapping[str, object]) -> None:
    """Replace the status file in `folder` in one step, so that no reader sees a part of it."""
    target = folder / NAME
    part = target.with_suffix(".part")
    part.write_text(json.dumps(redact_all(status), indent=2, default=str) + "\n")
    part.replace(target)


def read(folder: Path) -> dict[str, Any]:
    """The status in `folder`; empty if there is none, or none that is valid.

    Raises:
        PermissionError: this user may not read it.
    """
    try:
        status = json.loads((folder / NAME).read_bytes())
    except PermissionError:
        raise
    except (OSError, ValueError):
        return {}
    return status if isinstance(status, dict) else {}


def sentence(status: Mapping[str, Any]) -> str:
    """One line on what the daemon does, for systemd and for `anoncam status`."""
    doing = str(status.get("doing"))
    if status.get("state") != State.RECORDING:
        return doing
    counts, recording, detector = (
        status["counts"],
        status.get("recording") or {},
        status.get("detector"),
    )
    if recording.get("state") == PAUSED:
        doing = "paused from the network, so nothing is recorded"
    elif recording.get("state", "working") != "working":
        doing = "the disk fails, so nothing is recorded"
    else:
        doing = f"recording since {as_local(status['since'])}" + (
            f", veiled: {counts['veil']}" if counts["veil"] else ""
        )
    parts = [
        f"{status['fps']:.1f} fps",
        f"{counts['faces']} {'face' if counts['faces'] == 1 else 'faces'}",
    ]
    if detector and detector["latency_ms"]:
        latency = f"{detector['latency_ms']:.0f} ms per result"
        parts.append(f"{detector['model']} on {detector['device']} with {latency}")
    if recording.get("free_bytes") is not None:
        parts.append(f"{size(recording['free_bytes'])} of disk left")
    if status["config"]["problems"]:
        parts.append("the config file has errors")
    return f"{doing}: {', '.join(parts)}"


def backlog(waiting: Mapping[str, Any]) -> str:
    """What waits to be uploaded, for people."""
    if not waiting["segments"]:
        return "nothing waits"
    count = (
        "1 segment waits" if waiting["segments"] == 1 else f"{waiting['segments']} segments wait"
    )
    return f"{count}, {size(waiting['bytes'])}; the oldest is of {as_local(waiting['oldest'])}"


def size(count: int) -> str:
    """A number of bytes for people, such as 37.2 GB."""
    number = float(count)
    for unit in ("bytes", "kB", "MB"):
        if number < 1000:
            return f"{number:.0f} {unit}"
        number /= 1000
    return f"{number:.1f} GB"
