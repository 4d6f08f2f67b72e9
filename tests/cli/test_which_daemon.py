"""Commands find a daemon in folders of its own by its configuration or its state folder."""

import json
from collections.abc import Callable
from pathlib import Path

import click
import pytest

from anoncam.cli.which_daemon import config_of, places_to_ask
from anoncam.config import folders
from anoncam.config.folders import Folders
from anoncam.errors import ConfigError, NotRunningError
from tests.support.daemons import SYNTHETIC, Start, recording
from tests.support.running import anoncam

Ask = Callable[..., tuple[int, str]]


@pytest.fixture
def home(tmp_path: Path) -> dict[str, str]:
    """The environment of a user whose own state folder is not the daemon's."""
    return {"STATE_DIRECTORY": str(tmp_path / "home"), "RUNTIME_DIRECTORY": ""}


@pytest.fixture
def etc(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """The folder of the configurations, with that of one camera."""
    monkeypatch.setattr(folders, "CONFIG_FILE", tmp_path / "config.yaml")
    (tmp_path / "config.yaml").touch()
    (tmp_path / "door.yaml").touch()
    return tmp_path


@pytest.mark.integration
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


@pytest.mark.integration
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


def test_a_camera_is_asked_in_the_folders_of_its_unit(etc: Path) -> None:
    (place,) = places_to_ask("door", None, None, {})
    assert place == Folders(Path("/var/lib/anoncam@door"), Path("/run/anoncam@door"))
    assert config_of("door", folders.CONFIG_FILE) == etc / "door.yaml"
    assert config_of(None, folders.CONFIG_FILE) == etc / "config.yaml"


def test_a_camera_that_does_not_exist_is_an_error_that_names_those_that_do(etc: Path) -> None:
    with pytest.raises(ConfigError, match=r"no camera dor: .*dor.yaml is missing \(there are door"):
        places_to_ask("dor", None, None, {})


def test_the_configuration_of_a_camera_is_its_own(etc: Path) -> None:
    with pytest.raises(click.UsageError, match="both name a camera"):
        config_of("door", Path("other.yaml"))


@pytest.mark.parametrize("name", ["../door", "a/b", "", "-x", "a b"])
@pytest.mark.parametrize("command", [["status"], ["check-config"], ["doctor"], ["run"]])
@pytest.mark.integration
def test_the_name_of_a_camera_cannot_lead_elsewhere(name: str, command: list[str]) -> None:
    ended = anoncam(*command, "--camera", name)
    assert ended.returncode == 2
    assert "no name of a camera" in ended.stderr


@pytest.mark.integration
def test_two_ways_to_name_a_daemon_are_one_too_many(tmp_path: Path) -> None:
    ended = anoncam("status", "--config", tmp_path / "x", "--state-folder", tmp_path)
    assert ended.returncode == 2
    assert "give one of them" in ended.stderr
