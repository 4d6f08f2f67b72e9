"""A report to attach to a bug: findings, versions and events, without what names somebody."""

import contextlib
import getpass
import os
import platform
import re
from collections.abc import Iterator
from importlib.metadata import PackageNotFoundError, version

from anoncam.config.changes import changes
from anoncam.config.schema import Config
from anoncam.doctor.check import Finding, Installation
from anoncam.events import event_log_reader
from anoncam.events.redaction import redact

EVENTS = 40
"""How many of the newest events are in the report."""

_PACKAGES = ("numpy", "av", "pydantic", "ai-edge-litert", "tflite-runtime", "picamera2")

_GAP = "…"

_GROUPS = "[0-9a-f]{1,4}(?::[0-9a-f]{1,4})*"

_PRIVATE = (
    # Any address: its host, its user and its path may name a place or a person.
    (re.compile(r"([a-z][a-z0-9+.-]*://)\S+", re.IGNORECASE), rf"\1{_GAP}"),
    (re.compile(r"(/home/|/media/|/Users/)\S+"), rf"\1{_GAP}"),
    (re.compile(r"\b[\w.+-]+@[\w-]+\.[\w.-]+"), _GAP),
    # Hardware addresses before IPv6: six pairs would be taken for one.
    (re.compile(r"\b(?:[0-9a-f]{2}[:-]){5}[0-9a-f]{2}\b", re.IGNORECASE), _GAP),
    # RFC 4291, 2.2: two colons stand for any number of zeros.
    (re.compile(rf"(?<![\w:])(?:{_GROUPS})?::(?:{_GROUPS})?(?![\w:]*\w)", re.IGNORECASE), _GAP),
    (re.compile(r"(?<![\w:])(?:[0-9a-f]{0,4}:){3,7}[0-9a-f]{0,4}(?![\w:])", re.IGNORECASE), _GAP),
    (re.compile(r"\b(?:\d{1,3}\.){3}\d{1,3}\b"), _GAP),
    (re.compile(r"\b(serial(?: number)?\W{1,3})\w+", re.IGNORECASE), rf"\1{_GAP}"),
)
"""What is left out of a report beside secrets, with what stands in its place."""


def scrub(text: str, names: tuple[str, ...] = ()) -> str:
    """The text without secrets, addresses, homes and the `names` of machine and user.

    >>> scrub("cannot open rtsp://admin:secret@cam.example/live of anna on garden", ("garden",))
    'cannot open rtsp://… of anna on …'
    """
    text = redact(text)
    for pattern, gap in _PRIVATE:
        text = pattern.sub(gap, text)
    for name in names:
        text = re.sub(rf"(?<![\w-]){re.escape(name)}(?![\w-])", _GAP, text)
    return text


def own_names() -> tuple[str, ...]:
    """The names of this machine and of who runs the command, where they tell anything."""
    names = {os.uname().nodename, os.uname().nodename.partition(".")[0]}
    with contextlib.suppress(KeyError, OSError):
        names.add(getpass.getuser())
    names.add(os.environ.get("SUDO_USER", ""))
    common = {"", "localhost", "root", "pi", "anoncam", "raspberrypi"}
    return tuple(sorted(names - common, key=len, reverse=True))


def lines(
    installation: Installation, findings: list[Finding], about: tuple[str, ...]
) -> Iterator[str]:
    """The lines of the report; `about` says which anoncam this is."""
    names = own_names()
    for line in _all_lines(installation, findings, about):
        yield scrub(line, names)


def _all_lines(
    installation: Installation, findings: list[Finding], about: tuple[str, ...]
) -> Iterator[str]:
    yield "# anoncam doctor --report"
    yield from about
    machine = installation.machine
    release = re.search(r'^PRETTY_NAME="?([^"\n]*)', machine.text("/etc/os-release"), re.MULTILINE)
    yield f"system: {release[1] if release else 'unknown'}, kernel {os.uname().release}"
    yield f"machine: {machine.text('/proc/device-tree/model') or platform.machine()}"
    yield f"python: {platform.python_version()}; {', '.join(_versions())}"
    changed = changes(Config(), installation.config)
    yield f"settings that differ from the defaults: {', '.join(changed) or 'none'}"
    yield ""
    yield "## Findings"
    for finding in findings:
        parts = (finding.what, finding.cause, finding.remedy)
        yield f"{finding.verdict.upper():<8} {finding.check}: {'; '.join(filter(None, parts))}"
    yield ""
    yield f"## The last {EVENTS} events"
    yield from _events(installation)


def _versions() -> Iterator[str]:
    for name in _PACKAGES:
        with contextlib.suppress(PackageNotFoundError):
            yield f"{name} {version(name)}"


def _events(installation: Installation) -> Iterator[str]:
    try:
        entries = event_log_reader.read(installation.folders.state)
    except OSError as error:
        yield f"cannot be read: {error.strerror}"
        return
    for entry in entries[-EVENTS:]:
        message = "; ".join(str(entry.get("message")).split("\n"))
        yield f"{entry['at']} {entry.get('level')} {entry['event']}: {message}"
