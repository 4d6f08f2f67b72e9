"""The Coral: is there one, is it ready, which program has it, and can it be used?"""

import os
import re
from collections.abc import Iterator

from anoncam.detectors import model_file
from anoncam.detectors.coral_devices import (
    MODEL_FOR_CORAL,
    READY,
    UNINITIALISED,
    Usb,
    find_pcie,
    find_usb,
)
from anoncam.doctor.check import Finding, Installation, Machine, note, ok, problem
from anoncam.doctor.coral_runtime import (
    CHECK,
    check_pcie,
    check_runtime,
    check_usb_power,
    is_at_pcie,
)
from anoncam.errors import ModelError

USB3 = 5000
"""Speed of a USB 3 port, in megabits per second."""

_RULES = ("/etc/udev/rules.d", "/run/udev/rules.d", "/usr/lib/udev/rules.d", "/lib/udev/rules.d")


def check(installation: Installation) -> Iterator[Finding]:
    """Find the Coral and check what it needs."""
    wanted, machine = installation.config.detector.device, installation.machine
    sticks, boards = find_usb(machine.root), find_pcie(machine.root)
    if not sticks and not boards and not is_at_pcie(machine):
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
    if sticks:
        yield from check_usb_power(machine)
    yield from check_pcie(machine, boards)
    yield from check_runtime(installation)
    if wanted == "auto" and not _has_compiled_model(installation):
        text = "no model is compiled for it, so the processor runs the detector"
        yield note(CHECK, text, f"sudo anoncam model use {MODEL_FOR_CORAL}")


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
            found.append((int(process.name), machine.text(f"/proc/{process.name}/comm")))
    return found


def _has_compiled_model(installation: Installation) -> bool:
    try:
        model = model_file.find(installation.config.detector.model)
    except ModelError:
        # The check of the detector reports it.
        return True
    return model.for_coral or model_file.coral_twin(model) is not None


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
    # The detector service holds it for all cameras. The check of the detector asks it.
    if others and installation.config.detector.service is None:
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
