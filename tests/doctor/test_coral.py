from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Literal

import pytest

from anoncam.config.folders import Folders
from anoncam.config.schema import Config, DetectorSettings
from anoncam.doctor import coral
from anoncam.doctor.check import Finding, Machine, Installation, Verdict

Device = Literal["auto", "coral", "cpu"]


class Bench:
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

    def examine(self, device: Device = "auto") -> list[Finding]:
        def run(command: Sequence[str]) -> str | None:
            return "libedgetpu1-std 16.0" if command[0] == "dpkg-query" else None

        config = Config(detector=DetectorSettings(device=device))
        machine = Machine(self.root, run)
        return list(
            coral.check(Installation(config, Folders(self.root, self.root), self.status, machine))
        )


@pytest.fixture
def bench(tmp_path: Path) -> Bench:
    return Bench(tmp_path)


def problems(findings: list[Finding]) -> list[str]:
    return [finding.what for finding in findings if finding.verdict is Verdict.PROBLEM]


def test_a_coral_that_is_absent_is_a_problem_only_where_it_was_asked_for(bench: Bench) -> None:
    assert problems(bench.examine("auto")) == []
    assert problems(bench.examine("coral")) == ["there is none"]


def test_a_coral_that_is_ready_at_a_fast_port_is_well(bench: Bench) -> None:
    bench.plug(("18d1", "9302"))
    bench.install()
    findings = bench.examine("coral")
    assert [finding.verdict for finding in findings] == [Verdict.OK] * 3
    assert "ready (18d1:9302)" in findings[0].what
    assert "libedgetpu.so.1.0 (libedgetpu1-std 16.0)" in findings[2].what


def test_a_coral_without_its_firmware_is_seen_and_no_problem(bench: Bench) -> None:
    bench.plug(("1a6e", "089a"))
    bench.install()
    findings = bench.examine()
    assert problems(findings) == []
    assert "not yet initialised (1a6e:089a)" in findings[0].what


@pytest.mark.parametrize(
    ("spoil", "what"),
    [
        (lambda bench: bench.plug(("18d1", "9302"), "480"), "at a slow port"),
        (
            lambda bench: bench.write("/usr/lib/udev/rules.d/70.rules", "other"),
            "its udev rule is missing",
        ),
        (lambda bench: bench.hold(77, "frigate"), "another program holds it"),
        (lambda bench: (bench.root / bench.node[1:]).unlink(), "this user may not open it"),
        (
            lambda bench: (bench.root / "usr/lib/aarch64-linux-gnu/libedgetpu.so.1.0").unlink(),
            "its library is missing",
        ),
    ],
)
def test_each_thing_that_is_wrong_is_one_problem_with_cause_and_remedy(
    bench: Bench, spoil: Callable[[Bench], None], what: str
) -> None:
    bench.plug(("18d1", "9302"))
    bench.install()
    assert problems(bench.examine()) == []
    spoil(bench)
    (found,) = [finding for finding in bench.examine() if finding.verdict is Verdict.PROBLEM]
    assert found.what == what
    assert found.cause
    assert found.remedy


def test_the_daemons_own_detector_is_not_another_program(bench: Bench) -> None:
    bench.plug(("18d1", "9302"))
    bench.install()
    bench.hold(100, "anoncam")
    bench.hold(101, "python3", parent=100)
    assert problems(bench.examine()) == ["another program holds it"]
    bench.status = {"pid": 100}
    assert problems(bench.examine()) == []


def test_a_coral_at_pcie_is_found(bench: Bench) -> None:
    (bench.root / "sys/class/apex/apex_0").mkdir(parents=True)
    bench.install()
    assert "at PCIe, /dev/apex_0" in [finding.what for finding in bench.examine("coral")]


def test_with_the_processor_configured_it_is_left_alone(bench: Bench) -> None:
    bench.plug(("18d1", "9302"), "480")
    (found,) = bench.examine("cpu")
    assert found.verdict is Verdict.NOTE


def test_other_devices_are_no_coral(bench: Bench) -> None:
    bench.plug(("1d6b", "0002"))
    bench.write("/sys/bus/usb/devices/1-1/idVendor", "18d1")
    assert problems(bench.examine("coral")) == ["there is none"]
