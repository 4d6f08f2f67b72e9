"""The units of the processes on a network, which share a user, and what each may read."""

from pathlib import Path

import pytest

from tests.support.checkout import ROOT

UNITS = [
    unit
    for unit in sorted((ROOT / "systemd").glob("anoncam-*.service"))
    if "User=anoncam-net" in unit.read_text()
]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.stem)
def test_only_the_page_can_read_the_passwords_and_the_key_of_the_page(unit: Path) -> None:
    hidden = {
        path.lstrip("-")
        for line in unit.read_text().splitlines()
        if line.startswith("InaccessiblePaths=")
        for path in line.partition("=")[2].split()
    }
    assert "/etc/anoncam" in hidden
    assert ("/etc/anoncam-web" in hidden) == (unit.stem != "anoncam-web")
