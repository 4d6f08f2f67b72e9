"""A machine in a folder, with or without a Coral."""

from collections.abc import Sequence
from pathlib import Path
from typing import Literal

from anoncam.config.folders import Folders
from anoncam.config.schema import Config, DetectorSettings
from anoncam.doctor import coral
from anoncam.doctor.check import Finding, Installation, Machine

Device = Literal["auto", "coral", "cpu"]


class FakeMachine:
    """A machine in a folder, to which a test adds what it needs."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self.status: dict[str, object] = {}
        self.printed = {"dpkg-query": "libedgetpu1-std 16.0TF2.19.1-1.trixie"}
        self.service: Path | None = None
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
            return self.printed.get(command[0])

        config = Config(detector=DetectorSettings(device=device, service=self.service))
        machine = Machine(self.root, run)
        return list(
            coral.check(Installation(config, Folders(self.root, self.root), self.status, machine))
        )
