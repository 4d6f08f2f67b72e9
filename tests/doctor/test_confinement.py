"""What the doctor says of the confinement."""

import pytest

from anoncam.config.folders import SERVICE
from anoncam.config.schema import Config
from anoncam.doctor import confinement
from anoncam.doctor.check import Installation, Verdict
from anoncam.processes import landlock, seccomp

INSTALLATION = Installation(Config(), SERVICE, {})


def test_a_machine_that_has_all_is_well(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 4)
    monkeypatch.setattr(seccomp, "library", object)
    (finding,) = confinement.check(INSTALLATION)
    assert finding.verdict is Verdict.OK
    assert "Landlock 4" in finding.what


def test_what_is_missing_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(landlock, "version", lambda: 0)
    (finding,) = confinement.check(INSTALLATION)
    assert finding.verdict is Verdict.NOTE
    assert "the kernel has no Landlock" in finding.what
    assert finding.remedy
