"""Units that systemd is to start with the machine, without systemd."""

from pathlib import Path

import pytest

from anoncam.feed import cameras


def enable(monkeypatch: pytest.MonkeyPatch, folder: Path, *units: str) -> None:
    """Make `folder` stand for /run, and `units` the only ones that are enabled."""
    wanted = folder / "units" / "multi-user.target.wants"
    wanted.mkdir(parents=True)
    for unit in units:
        (wanted / unit).symlink_to("/usr/lib/systemd/system/anoncam@.service")
    monkeypatch.setattr(cameras, "RUNTIME", folder)
    monkeypatch.setattr(cameras, "UNITS", folder / "units")
