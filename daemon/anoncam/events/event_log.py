"""The daemon's own record of events, which survives power cuts where the journal is kept in memory.

JSON lines in two files of limited size. A thread of its own writes them: a slow disk must not stall
the pipeline.
"""

import json
import logging
import os
import threading
from collections import deque
from collections.abc import Mapping
from datetime import UTC, datetime
from pathlib import Path

from anoncam.clock import Clock
from anoncam.events.event import Event
from anoncam.events.redaction import redact, redact_all
from anoncam.events.throttle import Throttle

NAMES = ("events.1.jsonl", "events.jsonl")
"""The older file and the newer one."""

NOTE = "last-known.json"
"""What the daemon did when it was last asked: what a crash is told by."""

LARGEST = 512 * 1024
"""Bytes of one file."""

_LONGEST_QUEUE = 500
_SYNCED = {
    Event.STARTED,
    Event.STOPPED,
    Event.CRASHED,
    Event.PREVIOUS_RUN_CRASHED,
    Event.RECORDING_GAP,
}
"""With warnings and errors, what must not be lost in a power cut; the rest wears no flash memory by
being synced."""


class EventLog(logging.Handler):
    """Keeps the events of all log records it is given in `folder`, as {at, boot, event, level,
    message, fields}.

    A disk that fails costs what comes meanwhile; it is told in one line of the log, and tried
    again.
    """

    def __init__(self, folder: Path, clock: Clock, boot: str) -> None:
        super().__init__()
        self._folder = folder
        self._clock = clock
        self._boot = boot
        self._throttle = Throttle(clock)
        self._condition = threading.Condition()
        self._lines: deque[tuple[bytes, bool]] = deque(maxlen=_LONGEST_QUEUE)
        self._note: bytes | None = None
        self._closing = False
        self._failed = False
        self._thread = threading.Thread(target=self._run, name="event-log", daemon=True)
        self._thread.start()

    def emit(self, record: logging.LogRecord) -> None:
        """Queue the event of a record; other records are not kept."""
        event = getattr(record, "anoncam_event", None)
        if event is None:
            return
        kept, skipped = self._throttle.admit(event)
        if not kept:
            return
        entry = {
            "at": self._clock.utc().isoformat(timespec="milliseconds"),
            "boot": self._boot,
            "event": event,
            "level": record.levelname.lower(),
            "message": redact(record.getMessage()),
            "fields": redact_all(getattr(record, "anoncam_fields", {})),
        }
        if skipped:
            entry["skipped"] = skipped
        synced = record.levelno >= logging.WARNING or event in _SYNCED
        line = json.dumps(entry, default=str, ensure_ascii=False).encode(errors="replace")
        with self._condition:
            self._lines.append((line + b"\n", synced))
            self._condition.notify()

    def note(self, facts: Mapping[str, object]) -> None:
        """Keep `facts` as what was last known."""
        content = json.dumps(redact_all(facts), default=str, ensure_ascii=False).encode(
            errors="replace"
        )
        with self._condition:
            self._note = content
            self._condition.notify()

    def finish(self, patience: float) -> None:
        """Write what is queued, for at most `patience` seconds, and end the thread."""
        with self._condition:
            self._closing = True
            self._condition.notify()
        self._thread.join(patience)

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
                self._complain(error)
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
                # A power cut can leave half a line; the next must not be lost with it.
                file.seek(end - 1)
                data = data if file.read(1) == b"\n" else b"\n" + data
            file.write(data)
            file.flush()
            if synced:
                os.fsync(file.fileno())

    def _replace_note(self, content: bytes) -> None:
        self._folder.mkdir(parents=True, exist_ok=True)
        fresh = self._folder / f"{NOTE}.part"
        fresh.write_bytes(content)
        fresh.replace(self._folder / NOTE)

    def _complain(self, error: OSError) -> None:
        if not self._failed:
            self._failed = True
            text = "events cannot be kept in %s: %s"
            logging.getLogger(__name__).warning(text, self._folder, error.strerror)


def read(folder: Path) -> list[dict[str, object]]:
    """All events kept in `folder`, in order; lines that a power cut has torn are left out.

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
    """What was last known; empty where there is nothing whole."""
    try:
        facts = json.loads((folder / NOTE).read_bytes())
    except (OSError, ValueError):
        return {}
    return facts if isinstance(facts, dict) else {}


def moment(text: object) -> datetime | None:
    """The time in an entry or a note; None where there is none."""
    try:
        at = datetime.fromisoformat(str(text))
    except ValueError:
        return None
    return at if at.tzinfo else at.replace(tzinfo=UTC)


def _parse(line: bytes) -> dict[str, object] | None:
    try:
        entry = json.loads(line)
    except ValueError:
        return None
    if (
        not isinstance(entry, dict)
        or not isinstance(entry.get("event"), str)
        or moment(entry.get("at")) is None
    ):
        return None
    return entry


def boot_id(path: Path = Path("/proc/sys/kernel/random/boot_id")) -> str:
    """What tells one boot of the machine from another; empty where it is hidden."""
    try:
        return path.read_text().strip().replace("-", "")
    except OSError:
        return ""
