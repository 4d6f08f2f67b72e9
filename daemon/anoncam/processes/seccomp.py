"""seccomp: leaves this process the few calls of the kernel that decoding needs.

libseccomp makes the filter: it knows the numbers of all machines, and Debian's apt and systemd need
it too. Debian's own binding for Python cannot be seen from a virtual environment.
"""

import ctypes
import errno
import functools
import os
from typing import Literal

_ALLOW = 0x7FFF0000
_ERROR = 0x00050000
_EQUAL, _MASKED_EQUAL = 4, 7

_PR_GET_SECCOMP = 21
_PROT_EXEC = 4
_CLONE_THREAD = 0x00010000
_AT_EMPTY_PATH = 0x1000
_PR_SET_NAME = 15
_FIONBIO = 0x5421
_F_DUPFD_CLOEXEC = 1030

Handed = Literal["", "connection", "device"]
"""What a process was handed in as descriptor 0; empty where it was handed in nothing."""

FREELY = (
    *("read", "readv", "pread64", "preadv", "preadv2", "write", "lseek", "close", "dup", "fstat"),
    *("recvmsg", "recvfrom", "sendmsg", "sendto", "poll", "ppoll", "ppoll_time64"),
    *("munmap", "mremap", "madvise", "brk", "mlock", "mlock2", "munlock"),
    *("futex", "futex_time64", "set_robust_list", "rseq", "set_tid_address", "membarrier"),
    *("exit", "exit_group", "gettid", "getpid", "sched_yield", "sched_getaffinity"),
    *("rt_sigprocmask", "rt_sigaction", "rt_sigreturn", "sigaltstack", "restart_syscall"),
    *("clock_gettime", "clock_gettime64", "clock_nanosleep", "clock_nanosleep_time64"),
    *("nanosleep", "gettimeofday", "getrandom", "getcpu", "getrusage"),
)
"""Calls that are allowed whatever their arguments are."""


class _Argument(ctypes.Structure):
    _fields_ = (
        ("number", ctypes.c_uint),
        ("operator", ctypes.c_int),
        ("first", ctypes.c_uint64),
        ("second", ctypes.c_uint64),
    )


CONDITIONALLY = (
    # Nothing can be made executable, so nothing can be executed that was not there before.
    ("mmap", _Argument(2, _MASKED_EQUAL, _PROT_EXEC, 0)),
    ("mmap2", _Argument(2, _MASKED_EQUAL, _PROT_EXEC, 0)),
    ("mprotect", _Argument(2, _MASKED_EQUAL, _PROT_EXEC, 0)),
    # Threads, but no processes and no namespaces.
    ("clone", _Argument(0, _MASKED_EQUAL, _CLONE_THREAD, _CLONE_THREAD)),
    # What fstat(2) is in some versions of glibc.
    ("newfstatat", _Argument(3, _EQUAL, _AT_EMPTY_PATH, 0)),
    # With it, Python sets whether a socket waits.
    ("ioctl", _Argument(1, _EQUAL, _FIONBIO, 0)),
    ("prctl", _Argument(0, _EQUAL, _PR_SET_NAME, 0)),
    # Duplicates and flags, but no signals to others by F_SETOWN.
    *(("fcntl", _Argument(1, _EQUAL, command, 0)) for command in (*range(5), _F_DUPFD_CLOEXEC)),
)
"""Calls that are allowed if the argument is so."""


@functools.cache
def library() -> ctypes.CDLL | None:
    """Load libseccomp; None if it or seccomp itself is missing."""
    try:
        loaded = ctypes.CDLL("libseccomp.so.2", use_errno=True)
    except OSError:
        return None
    loaded.seccomp_init.restype = ctypes.c_void_p
    loaded.seccomp_init.argtypes = (ctypes.c_uint32,)
    loaded.seccomp_syscall_resolve_name.argtypes = (ctypes.c_char_p,)
    loaded.seccomp_rule_add_array.argtypes = (
        *(ctypes.c_void_p, ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p),
    )
    loaded.seccomp_load.argtypes = loaded.seccomp_release.argtypes = (ctypes.c_void_p,)
    # The kernel answers with an error if it was built without seccomp.
    return loaded if ctypes.CDLL(None).prctl(_PR_GET_SECCOMP, 0, 0, 0, 0) >= 0 else None


_ON_DESCRIPTOR_0 = _Argument(0, _EQUAL, 0, 0)
_TYPE_AND_NUMBER, _V4L2 = 0xFFFF, ord("V") << 8
_REQUESTS = {
    **{"QUERYCAP": 0, "S_FMT": 5, "REQBUFS": 8, "QUERYBUF": 9, "QBUF": 15, "DQBUF": 17},
    **{"STREAMON": 18, "STREAMOFF": 19, "G_PARM": 21, "S_PARM": 22, "G_STD": 23},
    **{"ENUMSTD": 25, "ENUMINPUT": 26, "G_INPUT": 38},
}
"""What libav asks of a camera, by the numbers in linux/videodev2.h."""

_ACCESS = os.O_RDONLY | os.O_WRONLY | os.O_RDWR

Rule = tuple[str, tuple[_Argument, ...]]
"""A call, and what its arguments must be."""

ON_WHAT_IS_HANDED_IN: dict[Handed, tuple[Rule, ...]] = {
    "connection": tuple(
        (name, ())
        for name in ("setsockopt", "getsockopt", "getsockname", "getpeername", "shutdown")
    ),
    "device": tuple(
        (
            "ioctl",
            (_ON_DESCRIPTOR_0, _Argument(1, _MASKED_EQUAL, _TYPE_AND_NUMBER, _V4L2 | number)),
        )
        for number in _REQUESTS.values()
    ),
}
"""Calls that libav makes on what it was handed in, and that open nothing."""

AS_IF_DONE: dict[Handed, tuple[Rule, ...]] = {
    "connection": (("socket", ()), ("connect", ())),
    # libav opens a device for both. What others open for reading alone is refused.
    "device": (
        ("open", (_Argument(1, _MASKED_EQUAL, _ACCESS, os.O_RDWR),)),
        ("openat", (_Argument(2, _MASKED_EQUAL, _ACCESS, os.O_RDWR),)),
    ),
}
"""Calls that return 0 and do nothing: what is asked for is descriptor 0, and open already."""


def allow_decoding_alone(handed: Handed = "") -> None:
    """Refuse all calls but those above with EPERM; it holds for threads that start later, too.

    Whatever address libav connects to, and whatever device it opens, it gets what was `handed` in.

    Raises:
        OSError: libseccomp or the kernel refuses.
    """
    library_ = library()
    assert library_ is not None  # noqa: S101 - the caller has asked
    context = library_.seccomp_init(_ERROR | errno.EPERM)
    if not context:
        raise OSError(errno.ENOMEM, "libseccomp makes no filter")
    try:
        for name in FREELY:
            _add(library_, context, _ALLOW, name)
        for name, argument in CONDITIONALLY:
            _add(library_, context, _ALLOW, name, (argument,))
        for name, arguments in ON_WHAT_IS_HANDED_IN.get(handed, ()):
            _add(library_, context, _ALLOW, name, arguments)
        for name, arguments in AS_IF_DONE.get(handed, ()):
            _add(library_, context, _ERROR, name, arguments)
        # Its flags lie in memory, where a filter cannot see them. glibc then uses clone.
        _add(library_, context, _ERROR | errno.ENOSYS, "clone3")
        if (code := library_.seccomp_load(context)) != 0:
            raise OSError(-code, "the kernel does not take the filter of libseccomp")
    finally:
        library_.seccomp_release(context)


def _add(
    library_: ctypes.CDLL,
    context: int,
    action: int,
    name: str,
    arguments: tuple[_Argument, ...] = (),
) -> None:
    number = library_.seccomp_syscall_resolve_name(name.encode())
    # A negative number stands for a call that this machine or this libseccomp does not have.
    if number < 0:
        return
    count = len(arguments)
    array = (_Argument * count)(*arguments)
    if (code := library_.seccomp_rule_add_array(context, action, number, count, array)) != 0:
        raise OSError(-code, f"libseccomp does not take a rule for {name}")
