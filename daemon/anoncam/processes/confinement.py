"""Takes all rights from a process that reads what strangers have made.

What is left to it: its memory up to a limit, threads, and the descriptors that it was given.
"""

import ctypes
import resource

from anoncam.processes import landlock, seccomp

MOST_DESCRIPTORS = 64

_libc = ctypes.CDLL(None, use_errno=True)

# Constants of linux/prctl.h and linux/capability.h.
_PR_SET_NO_NEW_PRIVS = 38
_VERSION_3 = 0x20080522
_CAP_IPC_LOCK = 14


def missing() -> list[str]:
    """Return what this machine lacks of the confinement, each as a phrase; usually nothing."""
    lacks = []
    if not landlock.version():
        lacks.append("the kernel has no Landlock")
    if seccomp.library() is None:
        lacks.append("libseccomp2 or the kernel's seccomp is missing")
    return lacks


def confine(memory: int, handed: seccomp.Handed = "") -> None:
    """Give up all rights for good, and all private memory beyond `memory` bytes.

    Descriptor 0 is what was `handed` in. Without seccomp, libav connects to a camera itself, so
    Landlock leaves it the network. It opens a device itself, so Landlock leaves it this one.

    It is called before the process has threads. What the machine lacks is left out: see `missing`.

    Raises:
        OSError: the kernel refuses what it has.
    """
    # It is loaded as long as files can be opened.
    has_seccomp = seccomp.library() is not None
    if _libc.prctl(_PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0):
        raise OSError(ctypes.get_errno(), "no_new_privs is refused")
    _limit(resource.RLIMIT_DATA, memory)
    _limit(resource.RLIMIT_FSIZE, 0)
    _limit(resource.RLIMIT_NOFILE, MOST_DESCRIPTORS)
    if known := landlock.version():
        landlock.deny_all(
            known,
            network=has_seccomp or handed != "connection",
            left=0 if handed == "device" and not has_seccomp else None,
        )
    _drop_capabilities()
    if has_seccomp:
        seccomp.allow_decoding_alone(handed)


def _limit(what: int, most: int) -> None:
    _, hard = resource.getrlimit(what)
    limit = most if hard == resource.RLIM_INFINITY else min(most, hard)
    resource.setrlimit(what, (limit, limit))


def _drop_capabilities() -> None:
    """Drop all but the right to lock memory, which new memory may need.

    Raises:
        OSError: the kernel refuses.
    """
    header = (ctypes.c_uint32 * 2)(_VERSION_3, 0)
    had = (ctypes.c_uint32 * 6)()
    _libc.capget(header, had)
    kept = 1 << _CAP_IPC_LOCK
    if not any([had[0] & ~kept, had[1] & ~kept, *had[2:]]):
        return
    left = (ctypes.c_uint32 * 6)(had[0] & kept, had[1] & kept, 0, 0, 0, 0)
    if _libc.capset(header, left):
        raise OSError(ctypes.get_errno(), "capabilities cannot be dropped")
