"""Whether the wall clock can be trusted."""

import ctypes

_libc = ctypes.CDLL(None, use_errno=True)

# linux/timex.h: the call's result for a clock that nothing has set, and room for struct timex.
_TIME_ERROR = 5
_TIMEX_WORDS = 64


def is_synchronized() -> bool:
    """Whether the kernel holds the wall clock to be synchronised (adjtimex(2)); an NTP client sees to that."""
    timex = (ctypes.c_long * _TIMEX_WORDS)()
    state = int(_libc.adjtimex(ctypes.byref(timex)))
    return 0 <= state < _TIME_ERROR
