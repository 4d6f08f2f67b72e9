"""Reports what the daemon does: to the event log, the status file, systemd and the socket."""

import logging
import os
from collections import deque
from collections.abc import Mapping
from pathlib import Path
from types import TracebackType
from typing import Any, Self

from anoncam.clock import NANOSECONDS, Clock, utc_text
from anoncam.config.folders import Folders
from anoncam.errors import RunningError
from anoncam.events.event import LOGGER
from anoncam.events.event_log import EventLog, boot_id
from anoncam.events.redaction import redact
from anoncam.files.file_system_calls import lock, unlock
from anoncam.recording.recording_gaps import RecordingGaps
from anoncam.service import status
from anoncam.service.control_server import ControlServer, Now
from anoncam.service.feed import Feed
from anoncam.service.feed_server import FeedServer
from anoncam.service.instances import register
from anoncam.service.notify import notify
from anoncam.service.previous_run import read_previous_run, report_crash
from anoncam.service.snapshots import Snapshots
from anoncam.service.status import State

NOTE_INTERVAL = 60 * NANOSECONDS
"""How old the note of what was last known may get; each write wears the card."""

_FPS_SPAN = 5 * NANOSECONDS
_CLOSE_TIMEOUT = 1.0
"""Seconds that the event log may take to write what is queued."""


class Reporter:
    """Locks the state folder for one daemon, and reports there and in the runtime folder.

    `ready` is whether systemd knows that the service is up. `booted` is whether this is the first
    start since the machine booted, as far as that is known. If a folder cannot be written, the
    reports are lost; recording goes on.

    Raises:
        RunningError: another daemon has locked the state folder.
    """

    def __init__(
        self,
        environment: Mapping[str, str],
        folders: Folders,
        clock: Clock,
        snapshots: Snapshots,
        feed: Feed,
    ) -> None:
        self.ready = False
        self._environment = environment
        self._folders = folders
        self._clock = clock
        self._report: Mapping[str, Any] = {}
        self._recorded: deque[tuple[int, int]] = deque()
        self._last_note: tuple[int, str] = (0, "")
        self._status_failed = False
        self._lock = _lock(folders)
        self._boot = boot = boot_id()
        previous = read_previous_run(folders.state)
        self._feed = feed
        self._event_log = EventLog(folders.state, clock, boot, feed.tell_event)
        LOGGER.addHandler(self._event_log)
        report_crash(previous, boot)
        self.booted = bool(boot) and boot != previous.boot
        self._gaps = RecordingGaps(
            clock, previous.recorded_until, previous.recorded_until_monotonic(boot)
        )
        self._control: ControlServer | None = None
        try:
            self._control = ControlServer(folders.runtime, snapshots, self._now)
        except OSError as error:
            text = "no socket in %s, so there will be no snapshots: %s"
            logging.getLogger(__name__).warning(text, folders.runtime, error.strerror or error)
        self._feed_server: FeedServer | None = None
        try:
            self._feed_server = FeedServer(folders.runtime, feed)
        except OSError as error:
            text = "no socket in %s, so there will be no feed: %s"
            logging.getLogger(__name__).warning(text, folders.runtime, error.strerror or error)

    def register(self, config_file: Path) -> None:
        """Write down that the daemon of this state folder runs with `config_file`."""
        try:
            register(self._folders, config_file)
        except OSError as error:
            text = "commands cannot find this daemon by its configuration: %s"
            logging.getLogger(__name__).warning(text, error)

    def report(self, report: dict[str, Any], *, alive: bool) -> None:
        """Report what the daemon does now, about once a second; systemd ends one not `alive`."""
        report["fps"] = self._rate(report["counts"]["recorded"])
        self._report = report
        recording = report["recording"] or {}
        failing = recording.get("state", "working") != "working"
        if failing:
            paused = recording["state"] == status.PAUSED
            self._gaps.watch(None, "it was paused" if paused else "the disk failed")
        else:
            counts = report["counts"]
            self._gaps.watch(counts["recorded"], report["doing"], counts["silence"])
        self._write(report)
        self._note(report)
        facts: dict[str, object] = {"STATUS": redact(status.sentence(report))}
        if not self.ready and _is_up(report):
            self.ready = True
            facts = {"READY": 1, **facts}
        notify(self._environment, **facts, **({"WATCHDOG": 1} if alive else {}))

    def end(self, report: dict[str, Any]) -> None:
        """Report for the last time, after the end of the recording."""
        report["fps"] = 0.0
        self._report = report
        self._write(report)
        self._note(report)

    def close(self) -> None:
        """Close socket and event log, and unlock the state folder; idempotent."""
        LOGGER.removeHandler(self._event_log)
        self._event_log.finish(_CLOSE_TIMEOUT)
        if self._control is not None:
            self._control.close()
        if self._feed_server is not None:
            self._feed_server.close()
        if self._lock is not None:
            unlock(self._lock)
            os.close(self._lock)
            self._lock = None

    def _rate(self, recorded: int) -> float:
        """Frames per second over the last few seconds."""
        now = self._clock.monotonic()
        self._recorded.append((now, recorded))
        while now - self._recorded[0][0] > _FPS_SPAN:
            self._recorded.popleft()
        since, before = self._recorded[0]
        return round((recorded - before) * NANOSECONDS / (now - since), 1) if now > since else 0.0

    def _write(self, report: Mapping[str, Any]) -> None:
        self._feed.tell_status(report)
        try:
            self._folders.runtime.mkdir(parents=True, exist_ok=True)
            status.write(self._folders.runtime, report)
            self._status_failed = False
        except OSError as error:
            if not self._status_failed:
                logging.getLogger(__name__).warning("cannot write the status file: %s", error)
            self._status_failed = True

    def _note(self, report: Mapping[str, Any]) -> None:
        at, state = self._last_note
        now = self._clock.monotonic()
        if state == report["state"] and now - at < NOTE_INTERVAL:
            return
        self._last_note = now, report["state"]
        until = self._gaps.until
        keys = ("at", "state", "doing", "source", "counts")
        facts = {key: report[key] for key in keys} | {
            "boot": self._boot,
            "recorded_until": utc_text(until) if until else None,
            "recorded_until_monotonic": self._gaps.until_monotonic,
        }
        self._event_log.note(facts)

    def _now(self) -> Now:
        report = self._report
        if report.get("state") != State.RECORDING:
            return Now(str(report.get("doing", "starting")), "")
        return Now("", report["counts"]["veil"])

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.close()


def _is_up(report: Mapping[str, Any]) -> bool:
    """Whether the service counts as started: it records, or waits for something that recovers."""
    state = report["state"]
    return state in (State.WAITING, State.RETRYING) or (
        state == State.RECORDING and report["counts"]["recorded"] > 0
    )


def _lock(folders: Folders) -> int | None:
    try:
        folders.state.mkdir(parents=True, exist_ok=True)
        descriptor = os.open(folders.state, os.O_RDONLY | os.O_DIRECTORY)
    except OSError as error:
        logging.getLogger(__name__).warning(
            "the state folder %s cannot be used: %s", folders.state, error.strerror
        )
        return None
    try:
        lock(descriptor, folders.state, wait=False)
    except BlockingIOError as error:
        os.close(descriptor)
        raise RunningError(
            f"another daemon uses {folders.state}", "stop it first, or set STATE_DIRECTORY"
        ) from error
    return descriptor
