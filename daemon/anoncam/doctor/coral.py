"""The Coral: is there one, is it ready, which program has it, and can it be used?"""

import os
import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from anoncam.doctor.check import Finding, Installation, Machine, note, ok, problem

UNINITIALISED, READY = ("1a6e", "089a"), ("18d1", "9302")
"""The USB ids before and after the first use, at which the runtime loads the firmware."""

USB3 = 5000
"""Speed of a USB 3 port, in megabits per second."""

CHECK = "coral"

_RULES = ("/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d")
_PACKAGES = ("libedgetpu1-std", "libedgetpu1-max")


@dataclass(frozen=True)
class Usb:
    """A Coral at USB; `speed` in megabits per second."""

    ready: bool
    speed: int
    node: str


def check(installation: Installation) -> Iterator[Finding]:
    """Find the Coral and check what it needs."""
    wanted, machine = installation.config.detector.device, installation.machine
    sticks = list(find_usb(machine))
    boards = sorted(path.name for path in machine.path("/sys/class/apex").glob("apex_*"))
    if not sticks and not boards:
        yield _absent(wanted)
        return
    if wanted == "cpu":
        yield note(
            CHECK,
            "there is one, which detector.device: cpu leaves unused",
            "set detector.device: auto to use it",
        )
        return
    for stick in sticks:
        yield from _check_usb(stick, installation)
    for board in boards:
        yield ok(CHECK, f"at PCIe, /dev/{board}")
    yield _check_library(machine)


def find_usb(machine: Machine) -> Iterator[Usb]:
    """The Corals at USB that sysfs lists."""
    for file in sorted(machine.path("/sys/bus/usb/devices").glob("*/idVendor")):
        ids = _word(file), _word(file.with_name("idProduct"))
        if ids not in (UNINITIALISED, READY):
            continue
        bus, device = _number(file.with_name("busnum")), _number(file.with_name("devnum"))
        yield Usb(
            ids == READY, _number(file.with_name("speed")), f"/dev/bus/usb/{bus:03}/{device:03}"
        )


def holders(machine: Machine, node: str) -> list[tuple[int, str]]:
    """Number and name of each process that has `node` open, of those that this user may see."""
    found = []
    for process in machine.path("/proc").glob("[0-9]*"):
        try:
            opened = any(os.readlink(entry) == node for entry in (process / "fd").iterdir())  # noqa: PTH115 - as it is
        except OSError:
            # The process has ended, or belongs to another user.
            continue
        if opened:
            found.append((int(process.name), _word(process / "comm")))
    return found


def _absent(wanted: str) -> Finding:
    if wanted == "coral":
        remedy = "plug it in, or set detector.device: auto"
        return problem(CHECK, "there is none", "neither USB id nor PCIe device was found", remedy)
    return ok(CHECK, "there is none, and none is needed: the processor runs the detector")


def _check_usb(stick: Usb, installation: Installation) -> Iterator[Finding]:
    machine = installation.machine
    if stick.ready:
        yield ok(CHECK, f"at USB, ready ({':'.join(READY)})")
    else:
        text = f"at USB, not yet initialised ({':'.join(UNINITIALISED)})"
        yield note(CHECK, f"{text}: its first use loads the firmware, which takes some seconds")
    if stick.speed < USB3:
        cause = f"its port runs at {stick.speed} Mbit/s: a result takes 100 to 200 ms, not 10 to 17"
        yield problem(
            CHECK, "at a slow port", cause, "use a blue USB 3 port and the cable that came with it"
        )
    else:
        yield ok(CHECK, f"at a USB 3 port ({stick.speed} Mbit/s)")
    if not _has_rule(machine):
        yield problem(
            CHECK,
            "its udev rule is missing",
            "no rule names 18d1:9302, so only root may open it",
            "install 70-anoncam-coral.rules into /etc/udev/rules.d, run udevadm control --reload,"
            " and plug it in again",
        )
    own = _family(machine, installation.status.get("pid"))
    others = [(number, name) for number, name in holders(machine, stick.node) if number not in own]
    if others:
        names = ", ".join(f"{name} (process {number})" for number, name in others)
        yield problem(
            CHECK,
            "another program holds it",
            names,
            "stop that program: a Coral serves one program at a time",
        )
    elif not os.access(machine.path(stick.node), os.R_OK | os.W_OK):
        yield problem(
            CHECK,
            "this user may not open it",
            f"{stick.node} is not writable",
            "use sudo: its udev rule gives it to the service alone",
        )


def _family(machine: Machine, daemon: object) -> set[int]:
    """Numbers of the daemon and of the processes that it has started."""
    if not isinstance(daemon, int):
        return set()
    family = {daemon}
    for process in machine.path("/proc").glob("[0-9]*"):
        parent = re.search(
            r"^PPid:\s*(\d+)", machine.text(f"/proc/{process.name}/status"), re.MULTILINE
        )
        if parent and int(parent[1]) == daemon:
            family.add(int(process.name))
    return family


def _has_rule(machine: Machine) -> bool:
    files = (file for folder in _RULES for file in machine.path(folder).glob("*.rules"))
    return any("9302" in machine.text(str(file.relative_to(machine.root))) for file in files)


def _check_library(machine: Machine) -> Finding:
    libraries = sorted(machine.path("/usr/lib").glob("*/libedgetpu.so.1*")) + sorted(
        machine.path("/usr/local/lib").glob("libedgetpu.so.1*")
    )
    if not libraries:
        remedy = "apt install libedgetpu1-std, from Google's or a community's archive"
        return problem(CHECK, "its library is missing", "there is no libedgetpu.so.1", remedy)
    version = machine.run(
        ["dpkg-query", "--show", "--showformat=${Package} ${Version}\n", *_PACKAGES]
    )
    return ok(CHECK, f"library {libraries[-1].name} ({version or 'of no package'})")


def _word(file: Path) -> str:
    try:
        return file.read_text(errors="replace").strip()
    except OSError:
        return ""


def _number(file: Path) -> int:
    # A speed can be "1.5".
    found = re.match(r"\d+", _word(file))
    return int(found[0]) if found else 0
