"""The daemon's own log of events on the disk, for machines that keep the journal in memory.

JSON lines in two files of limited size. A thread of its own writes them, so that a slow disk does
not stall the pipeline.
"""

import json
import logging
import os
import threading
from collections import deque
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from anoncam.clock import Clock, utc_text
from anoncam.events.event import Event
from anoncam.events.redaction import redact, redact_all
from anoncam.events.throttle import Throttle
from anoncam.files.file_system_calls import sync_file

NAMES = ("events.1.jsonl", "events.jsonl")
"""The older file and the newer one."""

NOTE = "last-known.json"
"""The file with the daemon's last known state, from which the next run reports a crash."""

LARGEST = 512 * 1024
"""Bytes that one of the two files may have."""

_LONGEST_QUEUE = 500
_SYNCED = {
    Event.STARTED,
    Event.STOPPED,
    Event.CRASHED,
    Event.PREVIOUS_RUN_CRASHED,
    Event.RECORDING_GAP,
}
"""What must not be lost in a power cut, beside warnings and errors.

Others are not synced, since that wears flash memory.
"""


class EventLog(logging.Handler):
    """Keeps events in `folder`, each as {at, boot, event, level, message, fields}.

    While the disk fails, events are lost. One line of the log reports that, and the disk is tried
    again with the next event. `tell` is called with each event that is kept.
    """

    def __init__(
        self,
        folder: Path,
        clock: Clock,
        boot: str,
        tell: Callable[[dict[str, Any]], None] = lambda _: None,
    ) -> None:
        super().__init__()
        self._folder = folder
        self._clock = clock
        self._boot = boot
        self._tell = tell
        self._throttle = Throttle(clock)
        self._condition = threading.Condition()
        self._lines: deque[tuple[bytes, bool]] = deque(maxlen=_LONGEST_QUEUE)
        self._note: bytes | None = None
        self._closing = False
        self._failed = False
        self._thread = threading.Thread(target=self._run, name="event-log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the record if it is an event."""
        event = getattr(record, "anoncam_event", None)
        if event is None:
            return
        kept, skipped = self._throttle.admit(event)
        if not kept:
            return
        entry = {
            "at": utc_text(self._clock.utc(), "milliseconds"),
            "boot": self._boot,
            "event": event,
            "level": record.levelname.lower(),
            "message": redact(record.getMessage()),
            "fields": redact_all(getattr(record, "anoncam_fields", {})),
        }
        if skipped:
            entry["skipped"] = skipped
        synced = record.levelno >= logging.WARNING or event in _SYNCED
        self._tell(entry)
        line = json.dumps(entry, default=str).encode()
        with self._condition:
            self._lines.append((line + b"\n", synced))
            self._condition.notify()

    def note(self, facts: Mapping[str, object]) -> None:
        """Keep `facts` as the last known state."""
        content = json.dumps(redact_all(facts), default=str).encode()
        with self._condition:
            self._note = content
            self._condition.notify()

    def finish(self, timeout: float) -> None:
        """Write what is queued, for at most `timeout` seconds, and end the thread."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        self._thread.join(timeout)

    def _run(self) -> None:
        while True:
            with self._condition:
                self._condition.wait_for(
                    lambda: self._lines or self._note is not None or self._closing
                )
                lines, note, closing = list(self._lines), self._note, self._closing
                self._lines.clear()
                self._note = None
            try:
                if lines:
                    self._append(
                        b"".join(line for line, _ in lines),
                        synced=any(synced for _, synced in lines),
                    )
                if note is not None:
                    self._replace_note(note)
                self._failed = False
            except OSError as error:
                self._log_failure(error)
            if closing:
                return

    def _append(self, data: bytes, *, synced: bool) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        older, newer = (self._folder / name for name in NAMES)
        if newer.exists() and newer.stat().st_size + len(data) > LARGEST:
            newer.replace(older)
        with newer.open("ab+") as file:
            end = file.seek(0, os.SEEK_END)
            if end:
                # A power cut can leave half a line. The next one begins on a line of its own.
                file.seek(end - 1)
                data = data if file.read(1) == b"\n" else b"\n" + data
            file.write(data)
            file.flush()
            if synced:
                sync_file(file.fileno(), newer)

    def _replace_note(self, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f"{NOTE}.part"
        fresh.write_bytes(content)
        fresh.replace(self._folder / NOTE)

    def _log_failure(self, error: OSError) -> None:
        if not self._failed:
            self._failed = True
            text = "events cannot be kept in %s: %s"
            logging.getLogger(__name__).warning(text, self._folder, error.strerror)


def boot_id(path: Path = Path("/proc/sys/kernel/random/boot_id")) -> str:
    """The kernel's id of this boot of the machine; empty if it is hidden."""
    try:
        return path.read_text().strip().replace("-", "")
    except OSError:
        return ""
