"""What `install.sh` installs from a checkout."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.support.checkout import ROOT

SCRIPT = (ROOT / "install.sh").read_text()
UNITS = sorted(
    path
    for path in (ROOT / "systemd").iterdir()
    if path.suffix in (".service", ".socket", ".timer")
)


def test_every_unit_is_installed_and_taken_away_again() -> None:
    assigned = "\n".join(
        line for line in SCRIPT.splitlines() if line.startswith(("units=", "installed="))
    )
    listed = subprocess.run(
        ["bash", "-c", f'{assigned}\nprintf "%s\\n" "${{installed[@]}}"'],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=True,
    )
    assert sorted(listed.stdout.split()) == [f"/etc/systemd/system/{unit.name}" for unit in UNITS]


@pytest.mark.parametrize("unit", UNITS, ids=lambda unit: unit.name)
def test_the_pages_that_a_unit_names_are_installed(unit: Path) -> None:
    pages = re.findall(r"^Documentation=.*/usr/share/doc/anoncam/(\S+)", unit.read_text(), re.M)
    assert pages
    for page in pages:
        assert re.search(rf"^ .*\bdocs/{page}\b|^install .*\bdocs/{page}\b", SCRIPT, re.M)
