"""The values of the entities, from what the daemon tells by its feed."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

_THERMAL_ZONE = Path("/sys/class/thermal/thermal_zone0/temp")
"""Thousandths of a degree Celsius: the processor's on a Raspberry Pi."""

_EVENT_KEYS = ("event", "level", "at", "message")

STOPPED: Mapping[str, object] = {
    "recording": "OFF",
    "paused": "OFF",
    "veiled": "OFF",
    "faces": None,
    "disk_free": None,
    "temperature": None,
}
"""The values while there is no daemon; None is shown as unknown."""


def values_of(status: Mapping[str, Any], temperature: float | None) -> dict[str, object]:
    """The values of a status of the daemon."""
    counts = status.get("counts") or {}
    recording = status.get("recording") or {}
    runs = status.get("state") == "recording"
    writes = recording.get("state", "working") == "working"
    free = recording.get("free_bytes")
    return {
        "recording": _on(runs and writes),
        "paused": _on(recording.get("state") == "paused"),
        "veiled": _on(runs and bool(counts.get("veil"))),
        "faces": counts.get("faces") if runs else None,
        "disk_free": None if free is None else round(free / 1e9, 1),
        "temperature": temperature,
    }


def event_of(entry: Mapping[str, Any]) -> dict[str, object]:
    """What is told of an event."""
    return {key: entry.get(key) for key in _EVENT_KEYS}


def read_temperature(sensor: Path = _THERMAL_ZONE) -> float | None:
    """Degrees Celsius of the processor; None where nothing measures them."""
    try:
        return round(int(sensor.read_text()) / 1000)
    except (OSError, ValueError):
        return None


def _on(value: bool) -> str:
    return "ON" if value else "OFF"
