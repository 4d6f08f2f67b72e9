"""How the previous run ended: what a daemon says first of all when it was not by a stop."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anoncam.clock import as_local, parse_time
from anoncam.events import event_log_reader
from anoncam.events.event import Event, emit

EXIT_FILE = "last-exit"
"""Written by the unit when the service has ended: what systemd calls its result, exit code and exit
status."""

_EXPLANATIONS = {
    "watchdog": "systemd killed it, since a stage had been standing still",
    "oom-kill": "the kernel killed it for want of memory",
    "core-dump": "it crashed",
    "signal": "it was killed",
    "timeout": "it took too long to start or to stop",
    "exit-code": "it ended with an error",
}


@dataclass(frozen=True)
class Past:
    """What the state folder tells; `crashed_since` is when the run began that ended without a
    stop.
    """

    crashed_since: str | None
    boot: str
    note: Mapping[str, object]
    reason: str

    @property
    def recorded_until(self) -> datetime | None:
        """When a frame was last recorded, to a minute; None if it cannot be told."""
        return parse_time(self.note.get("recorded_until"))

    def recorded_until_monotonic(self, boot: str) -> int | None:
        """The same by the monotonic clock; None if it was not in this `boot`."""
        nanoseconds = self.note.get("recorded_until_monotonic")
        if not boot or self.note.get("boot") != boot or not isinstance(nanoseconds, int):
            return None
        return nanoseconds


def look_back(state: Path) -> Past:
    """Read what previous runs have left in `state`; what cannot be read tells nothing."""
    try:
        entries = event_log_reader.read(state)
    except OSError:
        entries = []
    ends = (Event.STARTED, Event.STOPPED, Event.CRASHED)
    last = next((entry for entry in reversed(entries) if entry["event"] in ends), None)
    crashed = last is not None and last["event"] == Event.STARTED
    since = str(last["at"]) if crashed and last is not None else None
    boot = str(last.get("boot", "")) if last is not None else ""
    return Past(since, boot, event_log_reader.read_note(state), _take_reason(state))


def tell(past: Past, boot: str) -> None:
    """One event, if the previous run crashed."""
    if past.crashed_since is None:
        return
    rebooted = bool(past.boot and boot) and past.boot != boot
    reason = (
        "the machine lost power or was reset" if rebooted else past.reason or "its end is not known"
    )
    doing, at = past.note.get("doing", "unknown"), past.note.get("at", "unknown")
    since = as_local(past.crashed_since)
    text = f"the previous run, since {since}, ended without a stop: {reason}"
    emit(
        Event.PREVIOUS_RUN_CRASHED,
        f"{text}; at {as_local(at)} it was: {doing}",
        level=logging.WARNING,
        started=past.crashed_since,
        reason=reason,
        rebooted=rebooted,
        last_known=at,
        doing=doing,
    )


def _take_reason(state: Path) -> str:
    """Why systemd says the service ended; told once."""
    file = state / EXIT_FILE
    try:
        words = file.read_text().split()
        file.unlink()
    except (OSError, UnicodeDecodeError):
        return ""
    if not words or words[0] == "success":
        return ""
    return f"{_EXPLANATIONS.get(words[0], words[0])} ({' '.join(words)})"
