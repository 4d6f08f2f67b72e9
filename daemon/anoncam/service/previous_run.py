"""The previous run: how it ended. If that was not a stop, a daemon reports it at its start."""

import logging
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

from anoncam.clock import as_local, parse_time
from anoncam.events import event_log_reader
from anoncam.events.event import Event, emit

EXIT_FILE = "last-exit"
"""Written by the unit when the service has ended: systemd's result, exit code and exit status."""

_EXPLANATIONS = {
    "watchdog": "systemd killed it, since a stage had been standing still",
    "oom-kill": "the kernel killed it for want of memory",
    "core-dump": "it crashed",
    "signal": "it was killed",
    "timeout": "it took too long to start or to stop",
    "exit-code": "it ended with an error",
}


@dataclass(frozen=True)
class PreviousRun:
    """What the previous run has left in the state folder.

    `crashed_since` is when it started if it ended without a stop, else None; `boot` is the id of
    the boot in which it ran; `last_known` is what it noted last; `reason` is systemd's.
    """

    crashed_since: str | None
    boot: str
    last_known: Mapping[str, object]
    reason: str

    @property
    def recorded_until(self) -> datetime | None:
        """When a frame was last recorded, to a minute; None if that is not known."""
        return parse_time(self.last_known.get("recorded_until"))

    def recorded_until_monotonic(self, boot: str) -> int | None:
        """The same by the monotonic clock; None if it was not in this `boot`."""
        nanoseconds = self.last_known.get("recorded_until_monotonic")
        if not boot or self.last_known.get("boot") != boot or not isinstance(nanoseconds, int):
            return None
        return nanoseconds


def read_previous_run(state: Path) -> PreviousRun:
    """Read what the previous run has left in `state`; what cannot be read counts as missing."""
    try:
        entries = event_log_reader.read(state)
    except OSError:
        entries = []
    ends = (Event.STARTED, Event.STOPPED, Event.CRASHED)
    last = next((entry for entry in reversed(entries) if entry["event"] in ends), None)
    crashed = last is not None and last["event"] == Event.STARTED
    since = str(last["at"]) if crashed and last is not None else None
    boot = str(last.get("boot", "")) if last is not None else ""
    return PreviousRun(since, boot, event_log_reader.read_note(state), _take_reason(state))


def report_crash(previous: PreviousRun, boot: str) -> None:
    """Emit an event if the previous run crashed; `boot` is the id of this boot."""
    if previous.crashed_since is None:
        return
    rebooted = bool(previous.boot and boot) and previous.boot != boot
    reason = (
        "the machine lost power or was reset"
        if rebooted
        else previous.reason or "its end is not known"
    )
    doing, at = (
        previous.last_known.get("doing", "unknown"),
        previous.last_known.get("at", "unknown"),
    )
    since = as_local(previous.crashed_since)
    text = f"the previous run, since {since}, ended without a stop: {reason}"
    emit(
        Event.PREVIOUS_RUN_CRASHED,
        f"{text}; at {as_local(at)} it was: {doing}",
        level=logging.WARNING,
        started=previous.crashed_since,
        reason=reason,
        rebooted=rebooted,
        last_known=at,
        doing=doing,
    )


def _take_reason(state: Path) -> str:
    """Why the service ended, from systemd; the file is read once."""
    file = state / EXIT_FILE
    try:
        words = file.read_text().split()
        file.unlink()
    except (OSError, UnicodeDecodeError):
        return ""
    if not words or words[0] == "success":
        return ""
    return f"{_EXPLANATIONS.get(words[0], words[0])} ({' '.join(words)})"
