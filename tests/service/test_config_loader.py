"""The configuration that the real daemon starts on."""

from pathlib import Path

import pytest

from anoncam.errors import ConfigError
from tests.support.daemons import Start, recorded
from tests.support.running import anoncam

pytestmark = pytest.mark.integration


def test_a_bad_file_at_the_start_falls_back_to_the_last_good_configuration(
    daemon: Start,
) -> None:
    good = daemon()
    good.wait_until(recorded(5))
    good.stop()

    again = daemon("source: {type: synthetik}\n")
    text = again.wait_for("config-fell-back")
    assert "last good one is in force" in text
    status = again.wait_until(lambda status: status.get("doing") == "recording")
    assert "source.type" in status["config"]["problems"][0]
    assert again.stop() == 0


@pytest.mark.parametrize(
    ("content", "problems"), [("sorce: {}\ndetector: {rate: fast}\n", 2), (None, 1)]
)
def test_without_a_usable_configuration_it_ends_with_the_problems_that_check_config_prints(
    tmp_path: Path, content: str | None, problems: int
) -> None:
    path = tmp_path / "bad.yaml"
    if content is not None:
        path.write_text(content)
    started = anoncam("run", "--config", path, environment={"STATE_DIRECTORY": str(tmp_path)})
    checked = anoncam("check-config", path)
    assert started.returncode == checked.returncode == ConfigError.exit_code
    assert started.stderr.splitlines() == checked.stderr.splitlines()
    assert len(started.stderr.splitlines()) == problems
    assert all(line.startswith(f"{path}:") for line in started.stderr.splitlines())
