"""Names of files, words of cameras and edits of configurations never reach a terminal raw."""

import contextlib
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest
import yaml
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from PIL import Image

from anoncam.cli import audit, batch, detect, doctor
from anoncam.cli.main import main
from anoncam.detectors.detector import DetectionResult, Detections, DetectorInfo
from anoncam.events import event_log
from anoncam.events.event import LOGGER
from anoncam.frames import locked_memory
from anoncam.frames.frame import Picture
from anoncam.service import control_socket, status
from tests.support.terminal import UNSAFE, is_safe

FORGERIES = (
    "\x1b]0;owned\x07",
    "\x1b[2J",
    "\x9b31m",
    "a\n2026-01-31 18:00:00 INFO    stopped: all is well",
    "a\r\nanoncam: nothing to see",
    "gpj.\u202eexe",
    "\u2066x\u2069\u200f",
    "a\u2028b",
    "\x85",
    "\udcff",
)


def is_name(name: str) -> bool:
    """Whether a file can have the name."""
    try:
        return b"\0" not in os.fsencode(name) and name.strip() != ""
    except UnicodeEncodeError:
        return False


NAMES = st.one_of(
    st.sampled_from(FORGERIES),
    st.text(
        st.one_of(st.sampled_from(UNSAFE), st.sampled_from("ab-_ é家")), min_size=1, max_size=9
    ),
).filter(is_name)


class OneFace:
    """A detector that finds one face in every picture."""

    depth = 1
    info = DetectorInfo("model", "0" * 64, (320, 320), "cpu", "there is no Coral", "none")

    def __init__(self, *_arguments: object) -> None:
        self._timestamp = 0

    def submit(self, _picture: Picture, timestamp: int) -> None:
        self._timestamp = timestamp

    def collect(self, _timeout: float) -> DetectionResult:
        found: Detections = np.array([[4, 4, 20, 20, 0.9]], np.float32)
        return DetectionResult(self._timestamp, found, True, 0.01)

    def close(self) -> None:
        pass


@pytest.fixture(autouse=True)
def commands_without_a_machine(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    monkeypatch.setattr(locked_memory, "seal", lambda: None)
    monkeypatch.setattr(os, "nice", lambda _more: 0)
    for module in (audit, batch, detect):
        monkeypatch.setattr(module, "DetectorProcess", OneFace)
    # Signals go to the main thread alone.
    monkeypatch.setattr("anoncam.cli.interrupts.signal.signal", lambda *_: None)
    monkeypatch.setattr("anoncam.cli.anonymize.ChildProcess", contextlib.nullcontext)
    monkeypatch.setattr("anoncam.audit.search.are_squares", lambda *_: False)
    monkeypatch.setattr(doctor, "CHECKS", {})
    monkeypatch.setattr(control_socket, "is_alive", lambda _folder: True)
    veiled = b"JPEG", "".join(FORGERIES)
    monkeypatch.setattr(control_socket, "take_snapshot", lambda _folder: veiled)
    # What a command changes in its own process.
    monkeypatch.setattr(sys, "excepthook", sys.excepthook)
    level = LOGGER.level
    yield
    LOGGER.setLevel(level)


def run(*arguments: str | Path, state: Path) -> tuple[str, str]:
    """Run a command in this process: its output and its errors."""
    output, errors = io.StringIO(), io.StringIO()
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sys, "argv", ["anoncam", *map(str, arguments)])
        patch.setenv("STATE_DIRECTORY", str(state))
        with (
            contextlib.redirect_stdout(output),
            contextlib.redirect_stderr(errors),
            pytest.raises(SystemExit),
        ):
            main()
    return output.getvalue(), errors.getvalue()


def picture(path: Path) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(np.full((48, 64, 3), 90, np.uint8)).save(path, "PNG")
    return path


def garbage(path: Path) -> Path:
    path.write_bytes(b"neither a picture nor a video")
    return path


def write_status(folder: Path, name: str) -> None:
    counts = {"recorded": 9, "veiled": 0, "dropped": 0, "faces": 1, "veil": name}
    report = {
        "at": datetime.now(UTC).isoformat(),
        "pid": 1,
        "version": "1",
        "state": "recording",
        "doing": f"recording {name}",
        "since": "now",
        "fps": 30.0,
        "config": {"file": name, "problems": [f"{name}:1: {name}"]},
        "source": name,
        "counts": counts,
        "detector": None,
        "recording": {"state": "working", "open_segment": name, "free_bytes": 1},
    }
    status.write(folder, report)
    (folder / event_log.NOTE).write_text(json.dumps(report))


def keep_event(folder: Path, name: str) -> None:
    entry = {"at": "2026-01-31T18:00:00", "event": "source-lost", "level": name, "message": name}
    (folder / event_log.NAMES[1]).write_text(json.dumps(entry) + "\n")


def prepare(  # noqa: PLR0911, PLR0912 - a table
    command: str, folder: Path, name: str
) -> list[str | Path]:
    """The arguments of a command that meets `name`, in a folder with all that it needs."""
    case, _, variant = command.partition(", ")
    target = folder / name
    match case, variant:
        case "usage", "command":
            return [name]
        case "usage", "option":
            return ["detect", f"--{name}"]
        case "usage", "time":
            return ["events", "--since", name]
        case "check-config", "invalid":
            content = yaml.safe_dump({name: name, "detector": {name: 1, "model": name}})
            target.write_bytes(content.encode(errors="surrogateescape"))
            return ["check-config", target]
        case "anonymize", "picture":
            source = picture(folder / "in" / f"{name}.png")
            return ["anonymize", source, "-o", folder / f"{name}.png"]
        case "anonymize", "garbage":
            return ["anonymize", garbage(target), "-o", folder / "out.mp4"]
        case "anonymize", "input":
            return ["anonymize", garbage(target), "-o", target]
        case "detect", "picture":
            return ["detect", picture(folder / f"{name}.png")]
        case "audit", "picture":
            picture(folder / "in" / f"{name}.png")
            return ["audit", folder / "in", "--sheet", folder / f"{name}.png"]
        case "detect" | "audit", "garbage":
            return [case, garbage(folder / f"{name}.png")]
        case "doctor", _:
            return ["doctor", "--config", target]
        case "events", _:
            keep_event(folder, name)
            return ["events"]
        case "status", _:
            write_status(folder, name)
            return ["status"]
        case "snapshot", _:
            return ["snapshot", "--force", "-o", folder / f"{name}{variant}"]
        case _:
            return [case, target]


PLAIN = "plain name"
"""A name that is safe: what is printed for another one has as many lines."""

COMMANDS = (
    "usage, command",
    "usage, option",
    "usage, time",
    "check-config, missing",
    "anonymize, input",
    "detect, picture",
    "detect, garbage",
    "audit, picture",
    "audit, garbage",
    "audit, missing",
    "doctor, ",
    "events, ",
    "status, ",
    "snapshot, .jpg",
    "snapshot, .bmp",
    "verify, missing",
)
WITH_JSON = ("check-config, invalid", "detect, picture", "audit, picture", "doctor, ", "events, ")


def printed(command: str, name: str, *options: str) -> tuple[str, str]:
    """Output and errors of the command."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place) / "folder"
        folder.mkdir()
        return run(*prepare(command, folder, name), *options, state=folder)


def safe_lines(*texts: str) -> list[str]:
    """The lines of texts, each of which is safe to print."""
    lines = [line for text in texts for line in text.split("\n")]
    assert all(map(is_safe, lines)), lines
    return lines


def texts_of(value: object) -> Iterator[str]:
    """All texts in JSON, keys included."""
    if isinstance(value, dict):
        yield from (text for pair in value.items() for text in texts_of(list(pair)))
    elif isinstance(value, list):
        yield from (text for item in value for text in texts_of(item))
    else:
        yield str(value)


FAST = settings(
    max_examples=25,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture],
)


@pytest.mark.parametrize("command", COMMANDS)
@FAST
@given(name=NAMES)
def test_every_line_is_safe_and_no_name_adds_one(command: str, name: str) -> None:
    lines = safe_lines(*printed(command, name))
    assert len(lines) == len(safe_lines(*printed(command, PLAIN)))


@pytest.mark.parametrize("command", ["anonymize, picture", "anonymize, garbage"])
def test_every_line_of_anonymize_is_safe_and_no_name_adds_one(command: str) -> None:
    lines = safe_lines(*printed(command, "".join(FORGERIES)))
    assert len(lines) == len(safe_lines(*printed(command, PLAIN)))


@FAST
@given(name=NAMES)
def test_each_problem_of_a_configuration_is_one_safe_line(name: str) -> None:
    problems = json.loads(printed("check-config, invalid", name, "--json")[0])["problems"]
    lines = safe_lines(printed("check-config, invalid", name)[1])
    assert len(lines) == len(problems) + 1


@pytest.mark.parametrize("command", WITH_JSON)
@FAST
@given(name=NAMES)
def test_json_is_ascii_and_holds_the_name_as_it_is(command: str, name: str) -> None:
    output, _ = printed(command, name, "--json")
    assert output.isascii()
    safe_lines(output)
    assert any(name in text for text in texts_of(json.loads(output)))
