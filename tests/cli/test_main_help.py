"""The help of every command shows how it is used."""

import pytest

from tests.support.running import anoncam

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    "command",
    [
        "review",
        "run",
        "service",
        "anonymize",
        "detect",
        "detector",
        "check-config",
        "coverage",
        "metrics",
        "verify",
        "web",
        "audit",
        "bench",
        "status",
        "snapshot",
        "events",
        "evidence",
        "doctor",
        "model",
        "mqtt",
        "rtsp",
        "upload",
    ],
)
def test_help_has_an_example_on_a_line_of_its_own(command: str) -> None:
    lines = anoncam(command, "--help").stdout.splitlines()
    assert any(
        line.strip().removeprefix("$ ").removeprefix("sudo ").startswith(f"anoncam {command} ")
        for line in lines
    )
    assert not any("\\b" in line for line in lines)
