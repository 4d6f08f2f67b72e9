"""Landlock: takes the file system and the network from this process (landlock(7)).

No well-kept binding is in Debian or has wheels for arm64, and four calls are enough here.
"""

import ctypes
import os

_libc = ctypes.CDLL(None, use_errno=True)

# The numbers are the same on all machines.
_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_ASK_VERSION = 1
_PATH_BENEATH = 1

_FILE_RIGHTS = {1: 13, 2: 14, 3: 15, 5: 16}
"""How many rights to files each version of Landlock knows; they are the lowest bits."""

_WRITE, _READ, _IOCTL = 1 << 1, 1 << 2, 1 << 15
_BIND_AND_CONNECT = 0b11
_ABSTRACT_SOCKETS_AND_SIGNALS = 0b11


class _Ruleset(ctypes.Structure):
    _fields_ = (
        ("files", ctypes.c_uint64),
        ("network", ctypes.c_uint64),
        ("scoped", ctypes.c_uint64),
    )


class _PathBeneath(ctypes.Structure):
    _fields_ = (("allowed", ctypes.c_uint64), ("parent", ctypes.c_int32))


def version() -> int:
    """Return the version of Landlock that the kernel has; 0 without any."""
    return max(0, int(_libc.syscall(_CREATE_RULESET, None, 0, _ASK_VERSION)))


def deny_all(known: int, *, network: bool = True, left: int | None = None) -> None:
    """Deny everything that Landlock of version `known` can deny, but for the `network` if not so.

    The file of the descriptor `left` may be opened again. The process needs no_new_privs.

    Raises:
        OSError: the kernel refuses.
    """
    rights = (1 << max(count for since, count in _FILE_RIGHTS.items() if since <= known)) - 1
    ruleset = _Ruleset(
        rights,
        _BIND_AND_CONNECT if known >= 4 and network else 0,
        _ABSTRACT_SOCKETS_AND_SIGNALS if known >= 6 else 0,
    )
    # An older kernel knows a shorter structure, and refuses what is not zero beyond it.
    size = ctypes.c_size_t(8 if known < 4 else 16 if known < 6 else 24)
    descriptor = _libc.syscall(_CREATE_RULESET, ctypes.byref(ruleset), size, 0)
    if descriptor < 0:
        raise OSError(ctypes.get_errno(), "Landlock makes no ruleset")
    try:
        if left is not None:
            _allow(descriptor, left, rights & (_READ | _WRITE | _IOCTL))
        if _libc.syscall(_RESTRICT_SELF, descriptor, 0):
            raise OSError(ctypes.get_errno(), "Landlock does not restrict this process")
    finally:
        os.close(descriptor)


def _allow(ruleset: int, file: int, rights: int) -> None:
    rule = ctypes.byref(_PathBeneath(rights, file))
    if _libc.syscall(_ADD_RULE, ruleset, _PATH_BENEATH, rule, 0):
        raise OSError(ctypes.get_errno(), "Landlock takes no rule for a file")
