"""Library, runtime, kernel, power and heat of a Coral."""

from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.doctor import coral_runtime
from anoncam.doctor.check import Finding, Verdict
from tests.support.checkout import ROOT
from tests.support.coral_machine import FakeMachine

LITERT = ("ai-edge-litert", (2, 3, 0))
GOOGLES = "libedgetpu1-std 16.0"
COMMUNITYS = "libedgetpu1-std 16.0TF2.17.1-1"


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    machine = FakeMachine(tmp_path)
    machine.plug(("18d1", "9302"))
    machine.install()
    return machine


def pair(
    machine: FakeMachine,
    monkeypatch: pytest.MonkeyPatch,
    packages: str,
    runtime: tuple[str, tuple[int, ...]],
) -> Finding:
    """What is found about a library and a runtime."""
    machine.printed["dpkg-query"] = packages
    monkeypatch.setattr(coral_runtime, "_runtime", lambda wanted: runtime)
    (found,) = [
        finding
        for finding in machine.check()
        if any(word in finding.what for word in ("crashes", "pair", "no report"))
    ]
    return found


@pytest.mark.parametrize(
    ("packages", "runtime", "verdict"),
    [
        (GOOGLES, ("tflite-runtime", (2, 14, 0)), Verdict.PROBLEM),
        (GOOGLES, LITERT, Verdict.PROBLEM),
        (COMMUNITYS, ("tflite-runtime", (2, 17, 1)), Verdict.OK),
        (COMMUNITYS, ("tflite-runtime", (2, 14, 0)), Verdict.NOTE),
        (COMMUNITYS, LITERT, Verdict.NOTE),
    ],
)
def test_library_and_runtime_are_compared(
    machine: FakeMachine,
    monkeypatch: pytest.MonkeyPatch,
    packages: str,
    runtime: tuple[str, tuple[int, ...]],
    verdict: Verdict,
) -> None:
    found = pair(machine, monkeypatch, packages, runtime)
    assert found.verdict is verdict
    assert verdict is Verdict.OK or "docs/coral.md" in found.remedy


def test_googles_own_pair_of_2021_is_left_alone(
    machine: FakeMachine, monkeypatch: pytest.MonkeyPatch
) -> None:
    machine.printed["dpkg-query"] = GOOGLES
    monkeypatch.setattr(coral_runtime, "_runtime", lambda wanted: ("tflite-runtime", (2, 5, 0)))
    assert not any("crashes" in finding.what for finding in machine.check())


def test_a_library_at_full_clock_is_noted(machine: FakeMachine) -> None:
    machine.printed["dpkg-query"] = "libedgetpu1-max 16.0TF2.17.1-1"
    assert any("gets hot" in finding.what for finding in machine.check())


def fail_driver(machine: FakeMachine) -> None:
    machine.write("/sys/bus/pci/devices/0000:01:00.0/vendor", "0x1ac1\n")
    machine.write("/sys/bus/pci/devices/0000:01:00.0/device", "0x089a\n")
    machine.write("/proc/sys/kernel/osrelease", "6.12.34+rpt-rpi-2712\n")


def heat(machine: FakeMachine) -> None:
    machine.write("/sys/class/apex/apex_0/temp", "91250\n")
    machine.write("/sys/class/apex/apex_0/trip_point0_temp", "85000\n")


def starve(machine: FakeMachine) -> None:
    machine.write("/proc/device-tree/model", "Raspberry Pi 5 Model B Rev 1.0\0")
    machine.printed["vcgencmd"] = "usb_max_current_enable=0"


@pytest.mark.parametrize(
    ("break_it", "what", "cause"),
    [
        (fail_driver, "its driver is missing", "6.12.34"),
        (heat, "it has 91 °C", "85 °C"),
        (starve, "its port gives too little power", "600 mA"),
    ],
)
def test_each_fault_is_one_problem_with_cause_and_remedy(
    machine: FakeMachine, break_it: Callable[[FakeMachine], None], what: str, cause: str
) -> None:
    assert not [each for each in machine.check() if each.verdict is Verdict.PROBLEM]
    break_it(machine)
    (found,) = [each for each in machine.check() if each.verdict is Verdict.PROBLEM]
    assert found.what == what
    assert cause in found.cause
    assert found.remedy


def test_a_coral_at_pcie_without_its_driver_is_not_taken_for_none(tmp_path: Path) -> None:
    machine = FakeMachine(tmp_path)
    machine.install()
    fail_driver(machine)
    assert "its driver is missing" in [each.what for each in machine.check("coral")]


def test_a_coral_without_a_compiled_model_has_the_command_as_its_remedy(
    machine: FakeMachine,
) -> None:
    (found,) = [each for each in machine.check() if "no model is compiled" in each.what]
    assert found.verdict is Verdict.NOTE
    assert found.remedy == "sudo anoncam model use google-face-320x320"


def test_every_section_of_the_page_that_findings_point_to_exists() -> None:
    page = (ROOT / coral_runtime.PAGE).read_text()
    for heading in ("Which library", "pycoral", "At PCIe", "Power", "Heat", "USB 2 or USB 3"):
        assert f"## {heading}" in page
