"""Finds the Corals that are plugged in, by what the kernel lists; opens none of them."""

import re
from dataclasses import dataclass
from pathlib import Path

UNINITIALISED, READY = ("1a6e", "089a"), ("18d1", "9302")
"""The USB ids before and after the first use, at which the runtime loads the firmware."""

MODEL_FOR_CORAL = "google-face-320x320"
"""The model of the catalogue that is compiled for the Coral."""

NO_BUILD = "there is no Edge TPU build of the model"


@dataclass(frozen=True)
class Usb:
    """A Coral at USB; `speed` in megabits per second."""

    ready: bool
    speed: int
    node: str


def find_usb(root: Path = Path("/")) -> list[Usb]:
    """The Corals at USB that sysfs lists below `root`."""
    found = []
    for file in sorted((root / "sys/bus/usb/devices").glob("*/idVendor")):
        ids = _word(file), _word(file.with_name("idProduct"))
        if ids not in (UNINITIALISED, READY):
            continue
        bus, device = _number(file.with_name("busnum")), _number(file.with_name("devnum"))
        node = f"/dev/bus/usb/{bus:03}/{device:03}"
        found.append(Usb(ids == READY, _number(file.with_name("speed")), node))
    return found


def find_pcie(root: Path = Path("/")) -> list[str]:
    """The names of the Corals at PCIe, such as `apex_0`; each is a node in /dev."""
    return sorted(path.name for path in (root / "sys/class/apex").glob("apex_*"))


def why_no_build(root: Path = Path("/")) -> str:
    """Why a model that is not compiled runs on the CPU, and with a Coral at hand what to type."""
    if not find_usb(root) and not find_pcie(root):
        return NO_BUILD
    return f"a Coral is plugged in, but {NO_BUILD}: type sudo anoncam model use {MODEL_FOR_CORAL}"


def _word(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""


def _number(file: Path) -> int:
    # A speed can be "1.5".
    found = re.match(r"\d+", _word(file))
    return int(found[0]) if found else 0
