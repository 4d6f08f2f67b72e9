"""seccomp: leaves this process the few calls of the kernel that decoding needs.

libseccomp makes the filter: it knows the numbers of all machines, and Debian's apt and systemd need
it too. Debian's own binding for Python cannot be seen from a virtual environment.
"""

import ctypes
import errno
import functools

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


ON_THE_CONNECTION = ("setsockopt", "getsockopt", "getsockname", "getpeername", "shutdown")
"""Calls that libav makes on its connection, and that open none."""

AS_IF_DONE = ("socket", "connect")
"""Calls that return 0 and do nothing: descriptor 0 is the connection, and it is open already."""


def allow_decoding_alone(*, connected: bool = False) -> None:
    """Refuse all calls but those above with EPERM; it holds for threads that start later, too.

    A process that is `connected` has a connection as descriptor 0. Whatever address libav then
    connects to, it gets this connection.

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
            _add(library_, context, _ALLOW, name, argument)
        if connected:
            for name in ON_THE_CONNECTION:
                _add(library_, context, _ALLOW, name)
            for name in AS_IF_DONE:
                _add(library_, context, _ERROR, name)
        # Its flags lie in memory, where a filter cannot see them. glibc then uses clone.
        _add(library_, context, _ERROR | errno.ENOSYS, "clone3")
        if (code := library_.seccomp_load(context)) != 0:
            raise OSError(-code, "the kernel does not take the filter of libseccomp")
    finally:
        library_.seccomp_release(context)


def _add(
    library_: ctypes.CDLL, context: int, action: int, name: str, argument: _Argument | None = None
) -> None:
    number = library_.seccomp_syscall_resolve_name(name.encode())
    # A negative number stands for a call that this machine or this libseccomp does not have.
    if number < 0:
        return
    count = 0 if argument is None else 1
    place = None if argument is None else ctypes.byref(argument)
    if (code := library_.seccomp_rule_add_array(context, action, number, count, place)) != 0:
        raise OSError(-code, f"libseccomp does not take a rule for {name}")
