from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.doctor.check import Finding, Verdict
from tests.support.coral_machine import FakeMachine


@pytest.fixture
def machine(tmp_path: Path) -> FakeMachine:
    return FakeMachine(tmp_path)


def problems(findings: list[Finding]) -> list[str]:
    return [finding.what for finding in findings if finding.verdict is Verdict.PROBLEM]


def test_a_missing_coral_is_a_problem_only_if_it_is_configured(machine: FakeMachine) -> None:
    assert problems(machine.check("auto")) == []
    assert problems(machine.check("coral")) == ["there is none"]


def test_a_coral_that_is_ready_at_a_fast_port_is_fine(machine: FakeMachine) -> None:
    machine.plug(("18d1", "9302"))
    machine.install()
    findings = machine.check("coral")
    assert [finding.verdict for finding in findings[:3]] == [Verdict.OK] * 3
    assert problems(findings) == []
    assert "ready (18d1:9302)" in findings[0].what
    assert "libedgetpu.so.1.0 (libedgetpu1-std 16.0TF2.19.1-1.trixie)" in findings[2].what


def test_a_coral_without_its_firmware_is_seen_and_no_problem(machine: FakeMachine) -> None:
    machine.plug(("1a6e", "089a"))
    machine.install()
    findings = machine.check()
    assert problems(findings) == []
    assert "not yet initialised (1a6e:089a)" in findings[0].what


@pytest.mark.parametrize(
    ("break_it", "what"),
    [
        (lambda machine: machine.plug(("18d1", "9302"), "480"), "at a slow port"),
        (
            lambda machine: machine.write("/usr/lib/udev/rules.d/70.rules", "other"),
            "its udev rule is missing",
        ),
        (lambda machine: machine.hold(77, "frigate"), "another program holds it"),
        (lambda machine: (machine.root / machine.node[1:]).unlink(), "this user may not open it"),
        (
            lambda machine: (machine.root / "usr/lib/aarch64-linux-gnu/libedgetpu.so.1.0").unlink(),
            "its library is missing",
        ),
    ],
)
def test_each_fault_is_one_problem_with_cause_and_remedy(
    machine: FakeMachine, break_it: Callable[[FakeMachine], None], what: str
) -> None:
    machine.plug(("18d1", "9302"))
    machine.install()
    assert problems(machine.check()) == []
    break_it(machine)
    (found,) = [finding for finding in machine.check() if finding.verdict is Verdict.PROBLEM]
    assert found.what == what
    assert found.cause
    assert found.remedy


def test_the_daemons_own_detector_is_not_another_program(machine: FakeMachine) -> None:
    machine.plug(("18d1", "9302"))
    machine.install()
    machine.hold(100, "anoncam")
    machine.hold(101, "python3", parent=100)
    assert problems(machine.check()) == ["another program holds it"]
    machine.status = {"pid": 100}
    assert problems(machine.check()) == []


def test_the_detector_service_that_a_camera_uses_is_not_another_program(
    machine: FakeMachine,
) -> None:
    machine.plug(("18d1", "9302"))
    machine.install()
    machine.hold(200, "anoncam")
    assert problems(machine.check()) == ["another program holds it"]
    machine.service = Path("/run/anoncam-detector/socket")
    assert problems(machine.check()) == []


def test_a_coral_at_pcie_is_found(machine: FakeMachine) -> None:
    (machine.root / "sys/class/apex/apex_0").mkdir(parents=True)
    machine.install()
    assert "at PCIe, /dev/apex_0" in [finding.what for finding in machine.check("coral")]


def test_with_the_processor_configured_the_coral_is_not_checked(machine: FakeMachine) -> None:
    machine.plug(("18d1", "9302"), "480")
    (found,) = machine.check("cpu")
    assert found.verdict is Verdict.NOTE


def test_other_usb_devices_are_ignored(machine: FakeMachine) -> None:
    machine.plug(("1d6b", "0002"))
    machine.write("/sys/bus/usb/devices/1-1/idVendor", "18d1")
    assert problems(machine.check("coral")) == ["there is none"]
