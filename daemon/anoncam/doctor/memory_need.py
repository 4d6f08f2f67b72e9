"""Is there enough memory for frames of this size? With too little, a recording fails later."""

import os
import resource
from collections.abc import Iterator

from anoncam.config.keys import dotted
from anoncam.config.schema import Config
from anoncam.doctor.check import Finding, Installation, Machine, note, ok, problem
from anoncam.frames.frame import FrameFormat
from anoncam.frames.locked_memory import disk_swaps
from anoncam.pipeline.memory_need import KEYS, configured_format, memory_need
from anoncam.service.status import size

CHECK = "memory"

ENOUGH = 0.75
"""The part of the machine's memory that a recording may need; the rest is for other programs."""

REMEDY = f"lower {', '.join(map(dotted, KEYS[:-1]))} or {dotted(KEYS[-1])}"


def check(installation: Installation) -> Iterator[Finding]:
    """Compare the need of the configured frames with the machine's memory."""
    frame_format = configured_format(installation.config)
    if frame_format is None:
        kind = installation.config.source.type
        text = f"not known before the camera is opened: {kind} has its own size"
        yield note(CHECK, text)
    else:
        yield compare(frame_format, installation.config, installation.machine)


def compare(frame_format: FrameFormat, config: Config, machine: Machine) -> Finding:
    """The finding about frames of one format on this machine."""
    need, total = memory_need(frame_format, config), total_memory(machine)
    frames = f"{frame_format.width}x{frame_format.height}"
    text = f"recording {frames} needs about {size(need.total)}, {size(need.pool)} of it locked"
    if total and need.total > total * ENOUGH:
        return problem(CHECK, text, f"this machine has {size(total)}", REMEDY)
    swaps = disk_swaps(machine.path("/proc/swaps"), machine.path("/sys/block"))
    if swaps and need.pool > lockable_memory():
        lockable = size(int(lockable_memory()))
        limit = f"this user may lock {lockable}, and {swaps[0]} is swap on a disk"
        remedy = f"for anoncam run by hand: raise ulimit -l, or {REMEDY}; the service may lock all"
        return note(CHECK, f"{text}; {limit}", remedy)
    return ok(CHECK, text)


def total_memory(machine: Machine) -> int:
    """The bytes of memory of this machine or container; 0 if it cannot be seen."""
    total = 0
    for line in machine.text("/proc/meminfo").splitlines():
        if line.startswith("MemTotal:"):
            total = int(line.split()[1]) * 1024
    limit = machine.text("/sys/fs/cgroup/memory.max")
    return min(total, int(limit)) if limit.isdecimal() else total


def lockable_memory() -> float:
    """The bytes that this user may lock; infinity for root."""
    _, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    return float("inf") if hard == resource.RLIM_INFINITY or os.geteuid() == 0 else hard
