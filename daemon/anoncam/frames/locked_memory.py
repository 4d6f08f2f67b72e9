"""Keep raw pixels in memory: no swap, no core dump, no reading by other processes (invariant 3)."""

import ctypes
import functools
import logging
import mmap
import resource
from pathlib import Path

from anoncam.errors import MemoryLockError
from anoncam.events.event import Event, emit

_libc = ctypes.CDLL(None, use_errno=True)

# Constants of linux/prctl.h, asm-generic/mman.h and linux/capability.h.
_PR_SET_DUMPABLE = 4
_MCL_CURRENT, _MCL_FUTURE, _MCL_ONFAULT = 1, 2, 4
_CAP_IPC_LOCK = 14


def seal() -> None:
    """Make this process undumpable, and lock all its memory as far as the limits allow.

    Called once in the parent and once in the child, before the first raw pixel. Where only some
    memory may be locked, `lock` locks the pool and the shared memory by themselves.
    """
    _libc.prctl(_PR_SET_DUMPABLE, 0, 0, 0, 0)
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    _, hard = resource.getrlimit(resource.RLIMIT_MEMLOCK)
    resource.setrlimit(resource.RLIMIT_MEMLOCK, (hard, hard))
    # Under a finite limit, a later malloc would fail after MCL_FUTURE: only `lock` is used then.
    if hard == resource.RLIM_INFINITY or _may_lock():
        _libc.mlockall(_MCL_CURRENT | _MCL_FUTURE | _MCL_ONFAULT)


def lock(area: mmap.mmap | memoryview) -> None:
    """Lock `area`. Where that is not allowed, go on only if there is no swap on a disk.

    Raises:
        MemoryLockError: raw pixels could reach a disk.
    """
    start = ctypes.addressof(ctypes.c_char.from_buffer(area))
    if _libc.mlock(ctypes.c_void_p(start), ctypes.c_size_t(len(area))) == 0:
        return
    swaps = disk_swaps()
    if swaps:
        raise MemoryLockError(
            f"cannot lock {len(area)} bytes of raw pixels in memory, and they could be swapped to"
            f" {swaps[0]}",
            "raise the limit (ulimit -l, LimitMEMLOCK=) or turn swap off (swapoff -a)",
        )
    _warn_once()


def disk_swaps(swaps: Path = Path("/proc/swaps"), devices: Path = Path("/sys/block")) -> list[str]:
    """The swap areas in use that lie on a disk.

    Compressed memory (zram) does not, unless it is written back to a disk, as on Raspberry Pi OS.
    """
    try:
        lines = swaps.read_text().splitlines()[1:]
    except OSError:
        # A sandbox can hide the list (ProcSubset=pid), but not the total.
        return ["an unknown place"] if _has_swap() else []
    areas = [Path(line.split()[0]) for line in lines]
    return [
        str(area)
        for area in areas
        if not area.name.startswith("zram") or _is_written_back(devices / area.name)
    ]


def _is_written_back(zram: Path) -> bool:
    # linux/Documentation/admin-guide/blockdev/zram.rst: the file is missing where the kernel cannot
    # write back.
    file = zram / "backing_dev"
    return file.exists() and file.read_text().strip() != "none"


def _has_swap() -> bool:
    """Whether there is any swap: `totalswap` of sysinfo(2), which follows eight other words."""
    words = (ctypes.c_ulong * 16)()
    _libc.sysinfo(words)
    return words[8] > 0


def _may_lock() -> bool:
    for line in Path("/proc/self/status").read_text().splitlines():
        if line.startswith("CapEff:"):
            return bool(int(line.split()[1], 16) >> _CAP_IPC_LOCK & 1)
    return False


@functools.cache
def _warn_once() -> None:
    emit(
        Event.MEMORY_UNLOCKED,
        "memory cannot be locked here. No swap on a disk is in use, so raw pixels stay in memory",
        level=logging.WARNING,
    )
