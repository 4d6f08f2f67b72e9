"""The machine: disk, clock, permissions, memory and power."""

import grp
import os
import pwd
import resource
import tempfile
from collections.abc import Callable, Iterator

from anoncam.clock import is_synchronized
from anoncam.config import folders
from anoncam.doctor.check import Finding, Installation, note, ok, problem
from anoncam.files.file_system_calls import free_space, sync_file
from anoncam.frames.locked_memory import disk_swaps
from anoncam.service.status import size

USER = "anoncam"
GROUPS = {"video": "cameras"}

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
"""The bits of `vcgencmd get_throttled`, from the documentation of Raspberry Pi OS."""


def check_disk(installation: Installation) -> Iterator[Finding]:
    """Can the recordings be written, and for how many hours is there room?"""
    settings = installation.config.recording
    folder = folders.recordings_folder(settings, installation.folders.state)
    existing = folder
    while not existing.exists():
        existing = existing.parent
    if not installation.status:
        try:
            with tempfile.TemporaryFile(dir=existing) as file:
                file.write(b"anoncam doctor")
                file.flush()
                sync_file(file.fileno(), existing)
        except OSError as error:
            cause = error.strerror or str(error)
            remedy = "make it writable for the daemon's user; a card that fails turns read-only"
            yield problem("disk", f"{existing} cannot be written", cause, remedy)
    free, kept = free_space(existing), int(settings.retention.min_free)
    if free is None:
        text = f"the file system of {existing} does not report its free space"
        yield note("disk", f"{text}, so recording.retention.min_free has no effect")
        return
    hours = max(0, free - kept) * 8 / (settings.bitrate * 1000) / 3600
    if free < kept:
        cause = f"{size(free)} are free, and recording.retention.min_free is {size(kept)}"
        yield problem("disk", "there is too little room", cause, "delete files, or lower min_free")
    else:
        text = f"{size(free)} free for {folder}: at least {hours:.0f} hours of footage"
        yield ok("disk", f"{text} before the oldest is deleted")


def check_clock(
    _installation: Installation, synchronized: Callable[[], bool] = is_synchronized
) -> Iterator[Finding]:
    """Is the clock synchronised? Segments are named after it."""
    if synchronized():
        yield ok("clock", "it is synchronised")
    else:
        cause = "no time server has answered, and a Pi has no clock of its own"
        remedy = (
            "check timedatectl and the network; until then names of segments may be wrong,"
            " and max_age deletes nothing"
        )
        yield problem("clock", "it is not synchronised", cause, remedy)


def check_permissions(installation: Installation) -> Iterator[Finding]:
    """May the user of the service use cameras, and write its state folder?"""
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
    state = installation.folders.state
    if (
        installation.folders == folders.SERVICE
        and state.exists()
        and state.stat().st_uid != user.pw_uid
    ):
        remedy = f"chown -R {USER}: {state}"
        yield problem(
            "permissions",
            f"{state} does not belong to {USER}",
            f"it belongs to user {state.stat().st_uid}",
            remedy,
        )


def check_memory(installation: Installation) -> Iterator[Finding]:
    """Are raw pictures kept out of swap?"""
    machine = installation.machine
    swaps = disk_swaps(machine.path("/proc/swaps"), machine.path("/sys/block"))
    if installation.status:
        locked = _locked(machine.text(f"/proc/{installation.status['pid']}/status"))
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
        text = f"this user may lock little memory, and {swaps[0]} is swap on a disk"
        remedy = (
            "before anoncam run by hand: raise ulimit -l, or swapoff -a; the service may lock all"
        )
        yield note("memory", text, remedy)
    else:
        yield ok("memory", "no swap on a disk is in use")


def check_power(installation: Installation) -> Iterator[Finding]:
    """Has the power supply or heat slowed the processor down?"""
    machine = installation.machine
    printed = machine.run(["vcgencmd", "get_throttled"])
    if printed is None:
        yield note("power", "not known: only a Raspberry Pi has vcgencmd")
    else:
        bits = int(printed.partition("=")[2] or "0", 16)
        causes = [text for bit, text in _THROTTLED.items() if bits >> bit & 1]
        if causes:
            remedy = "use the official power supply, a short cable, and a heat sink or a fan"
            yield problem(
                "power", f"throttled ({printed.partition('=')[2]})", "; ".join(causes), remedy
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
    """Bytes that a process has locked (VmLck in proc(5)); None if they are not listed."""
    for line in text.splitlines():
        if line.startswith("VmLck:"):
            return int(line.split()[1]) * 1024
    return None
