"""Commands find a daemon in folders of its own by its configuration or its state folder."""

import json
from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.errors import NotRunningError
from tests.support.daemons import SYNTHETIC, Start, recording
from tests.support.running import anoncam

pytestmark = pytest.mark.integration

Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The environment of a user whose own state folder is not the daemon's."""
    return {"STATE_DIRECTORY": str(tmp_path / "home"), "RUNTIME_DIRECTORY": ""}


@pytest.mark.parametrize("option", ["--config", "--state-folder"])
def test_every_command_asks_the_daemon_that_its_option_names(
    daemon: Start, tmp_path: Path, home: dict[str, str], option: str
) -> None:
    state, runtime = tmp_path / "home" / "door", tmp_path / "run" / "door"
    running = daemon(
        f"{SYNTHETIC}recording: {{segment_length: 1, retention: {{min_free: 1kB}}}}\n",
        {"STATE_DIRECTORY": str(state), "RUNTIME_DIRECTORY": str(runtime)},
    )
    running.state = runtime
    recording(running)
    running.wait_for("segment-finished")
    which = (option, running.config if option == "--config" else state)

    def ask(*arguments: str | Path) -> tuple[int, str]:
        ended = anoncam(*arguments, *which, environment=home)
        return ended.returncode, ended.stdout

    code, output = ask("status", "--json")
    assert (code, json.loads(output)["pid"]) == (0, running.process.pid)
    code, _ = ask("snapshot", "-o", tmp_path / "now.jpg")
    assert (code, (tmp_path / "now.jpg").read_bytes()[:2]) == (0, b"\xff\xd8")
    _, output = ask("events", "--json")
    assert json.loads(output.splitlines()[0])["event"] == "started"
    code, output = ask("verify", "--quick", "--json")
    assert (code, json.loads(output)["folder"]) == (0, str(state / "recordings"))
    _, output = ask("doctor", "--json")
    findings = json.loads(output)["findings"]
    assert [each["what"] for each in findings if each["check"] == "daemon"] == ["recording"]
    assert anoncam("status", environment=home).returncode == NotRunningError.exit_code


@pytest.mark.parametrize(
    "command", [["status"], ["events"], ["verify"], ["snapshot", "-o", "x.jpg"]]
)
def test_a_daemon_that_is_not_known_is_an_error_with_a_remedy(
    tmp_path: Path, home: dict[str, str], command: list[str]
) -> None:
    missing = tmp_path / "none"
    for which, remedy in (("--config", "--state-folder"), ("--state-folder", "name a daemon's")):
        ended = anoncam(*command, which, missing, environment=home)
        assert ended.returncode == NotRunningError.exit_code
        (line,) = ended.stderr.splitlines()
        assert str(missing) in line
        assert remedy in line


def test_two_ways_to_name_a_daemon_are_one_too_many(tmp_path: Path) -> None:
    ended = anoncam("status", "--config", tmp_path / "x", "--state-folder", tmp_path)
    assert ended.returncode == 2
    assert "give one of them" in ended.stderr
