"""The machine: disk, clock, permissions, memory and power."""

import grp
import os
import pwd
import resource
import tempfile
from collections.abc import Callable, Iterator

from anoncam.clock import is_synchronized
from anoncam.config import folders
from anoncam.doctor.check import Finding, Patient, note, ok, problem
from anoncam.files.file_system_calls import free_space, sync_file
from anoncam.frames.locked_memory import disk_swaps
from anoncam.service.status import size

USER = "anoncam"
GROUPS = {"video": "cameras", "plugdev": "the Coral"}

HOT = 80_000
"""Thousandths of a degree Celsius at which a Pi begins to slow down."""

_THROTTLED = {
    0: "the voltage is too low now",
    1: "the processor is slowed down now, to save power",
    2: "the processor is throttled now",
    3: "the processor is too hot now",
    16: "the voltage has been too low since boot",
    17: "the processor has been slowed down since boot",
    18: "the processor has been throttled since boot",
    19: "the processor has been too hot since boot",
}
"""The bits of `vcgencmd get_throttled`, as the documentation of Raspberry Pi OS has them."""


def check_disk(patient: Patient) -> Iterator[Finding]:
    """Is there a folder for the recordings, can it be written, and for how long is there room?"""
    settings = patient.config.recording
    folder = folders.recordings_folder(settings, patient.folders.state)
    existing = folder
    while not existing.exists():
        existing = existing.parent
    if not patient.status:
        try:
            with tempfile.TemporaryFile(dir=existing) as file:
                file.write(b"anoncam doctor")
                file.flush()
                sync_file(file.fileno(), existing)
        except OSError as error:
            remedy = "make it writable for the user of the daemon; a dying card turns read-only by itself"
            yield problem(
                "disk", f"{existing} cannot be written", error.strerror or str(error), remedy
            )
    free, kept = free_space(existing), int(settings.retention.min_free)
    if free is None:
        text = f"the file system of {existing} does not report its free space"
        yield note("disk", f"{text}, so recording.retention.min_free has no effect")
        return
    hours = max(0, free - kept) * 8 / (settings.bitrate * 1000) / 3600
    text = f"{size(free)} free for {folder}, {hours:.0f} hours of footage or more before the oldest is deleted"
    if free < kept:
        cause = f"{size(free)} are free, and recording.retention.min_free is {size(kept)}"
        yield problem(
            "disk", "there is too little room", cause, "delete something, or lower min_free"
        )
    else:
        yield ok("disk", text)


def check_clock(
    _patient: Patient, synchronized: Callable[[], bool] = is_synchronized
) -> Iterator[Finding]:
    """Is the clock set? Segments are named after it."""
    if synchronized():
        yield ok("clock", "it is synchronised")
    else:
        cause = "no time server has been heard, and a Pi has no clock of its own"
        remedy = "check timedatectl and the network; until then names of segments may be wrong, and max_age waits"
        yield problem("clock", "it is not synchronised", cause, remedy)


def check_permissions(patient: Patient) -> Iterator[Finding]:
    """May the user of the service use cameras and the Coral, and read its configuration?"""
    try:
        user = pwd.getpwnam(USER)
    except KeyError:
        yield note(
            "permissions", f"there is no user {USER}, so anoncam is not installed as a service"
        )
        return
    for group, purpose in GROUPS.items():
        try:
            entry = grp.getgrnam(group)
        except KeyError:
            continue
        if USER in entry.gr_mem or user.pw_gid == entry.gr_gid:
            yield ok("permissions", f"{USER} is in the group {group}, for {purpose}")
        else:
            remedy = f"adduser {USER} {group}, then systemctl restart anoncam"
            yield problem(
                "permissions",
                f"{USER} may not use {purpose}",
                f"it is not in the group {group}",
                remedy,
            )
    state = patient.folders.state
    if patient.folders == folders.SERVICE and state.exists() and state.stat().st_uid != user.pw_uid:
        remedy = f"chown -R {USER}: {state}"
        yield problem(
            "permissions",
            f"{state} is not {USER}'s",
            f"it belongs to user {state.stat().st_uid}",
            remedy,
        )


def check_memory(patient: Patient) -> Iterator[Finding]:
    """Can raw pictures be kept out of swap?"""
    machine = patient.machine
    swaps = disk_swaps(machine.path("/proc/swaps"), machine.path("/sys/block"))
    if patient.status:
        locked = _locked(machine.text(f"/proc/{patient.status['pid']}/status"))
        if locked:
            yield ok(
                "memory", f"the daemon has locked {size(locked)}, so no raw picture is swapped"
            )
        elif locked == 0 and swaps:
            remedy = "set LimitMEMLOCK=infinity in the unit, or turn swap off"
            yield problem(
                "memory",
                "the daemon's memory is not locked",
                f"it could be swapped to {swaps[0]}",
                remedy,
            )
        return
    unlimited = (
        resource.getrlimit(resource.RLIMIT_MEMLOCK)[1] == resource.RLIM_INFINITY
        or os.geteuid() == 0
    )
    if unlimited:
        yield ok("memory", "all of it may be locked, so no raw picture is swapped")
    elif swaps:
        text = f"little may be locked by this user, and {swaps[0]} is swap on a disk; the service may lock all"
        yield note("memory", text, "for anoncam run by hand: raise ulimit -l, or swapoff -a")
    else:
        yield ok("memory", "no swap on a disk is in use")


def check_power(patient: Patient) -> Iterator[Finding]:
    """Has a Pi been slowed down, by its supply or by heat?"""
    machine = patient.machine
    answer = machine.run(["vcgencmd", "get_throttled"])
    if answer is None:
        yield note("power", "not known here: only a Raspberry Pi has vcgencmd")
    else:
        bits = int(answer.partition("=")[2] or "0", 16)
        told = [text for bit, text in _THROTTLED.items() if bits >> bit & 1]
        if told:
            remedy = "use the official power supply, a short cable, and a heat sink or a fan"
            yield problem(
                "power", f"throttled ({answer.partition('=')[2]})", "; ".join(told), remedy
            )
        else:
            yield ok("power", "neither voltage nor heat has slowed the processor down since boot")
    degrees = machine.text("/sys/class/thermal/thermal_zone0/temp")
    if degrees.isdecimal() and int(degrees) >= HOT:
        yield problem(
            "power", f"the processor has {int(degrees) / 1000:.0f} °C", "it is too hot", "cool it"
        )
    elif degrees.isdecimal():
        yield ok("power", f"the processor has {int(degrees) / 1000:.0f} °C")


def _locked(text: str) -> int | None:
    """Bytes that a process has locked (VmLck of proc(5)); None where it cannot be seen."""
    for line in text.splitlines():
        if line.startswith("VmLck:"):
            return int(line.split()[1]) * 1024
    return None
