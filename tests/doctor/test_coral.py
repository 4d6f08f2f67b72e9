from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import pytest

from anoncam.config.folders import Folders
from anoncam.config.schema import Config, DetectorSettings
from anoncam.doctor import coral
from anoncam.doctor.check import Finding, Installation, Machine, Verdict

Device = Literal["auto", "coral", "cpu"]


class FakeMachine:
    """A machine in a folder, to which a test adds what it needs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.status: dict[str, object] = {}
        self.node = "/dev/bus/usb/002/003"
        self.write("/dev/bus/usb/002/003")

    def write(self, path: str, text: str = "") -> None:
        file = self.root / path.lstrip("/")
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)

    def plug(self, ids: tuple[str, str], speed: str = "5000") -> None:
        for name, value in zip(("idVendor", "idProduct"), ids, strict=True):
            self.write(f"/sys/bus/usb/devices/2-1/{name}", f"{value}\n")
        for name, value in (("speed", speed), ("busnum", "2"), ("devnum", "3")):
            self.write(f"/sys/bus/usb/devices/2-1/{name}", f"{value}\n")

    def install(self) -> None:
        self.write(
            "/usr/lib/udev/rules.d/70.rules", 'ATTRS{idVendor}=="18d1", ATTRS{idProduct}=="9302"'
        )
        self.write("/usr/lib/aarch64-linux-gnu/libedgetpu.so.1.0")

    def hold(self, number: int, name: str, parent: int = 1) -> None:
        self.write(f"/proc/{number}/comm", f"{name}\n")
        self.write(f"/proc/{number}/status", f"Name: {name}\nPPid:\t{parent}\n")
        (self.root / f"proc/{number}/fd").mkdir()
        (self.root / f"proc/{number}/fd/7").symlink_to(self.node)

    def check(self, device: Device = "auto") -> list[Finding]:
        def run(command: Sequence[str]) -> str | None:
            return "libedgetpu1-std 16.0" if command[0] == "dpkg-query" else None

        config = Config(detector=DetectorSettings(device=device))
        machine = Machine(self.root, run)
        return list(
            coral.check(Installation(config, Folders(self.root, self.root), self.status, machine))
        )


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
    assert [finding.verdict for finding in findings] == [Verdict.OK] * 3
    assert "ready (18d1:9302)" in findings[0].what
    assert "libedgetpu.so.1.0 (libedgetpu1-std 16.0)" in findings[2].what


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
