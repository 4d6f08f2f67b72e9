"""Ctrl-C and SIGTERM, for commands that have something to tidy up."""

import signal

from anoncam.clock import Stop


def stop_on_signals() -> Stop:
    """A stop token that SIGINT and SIGTERM set."""
    stop = Stop()

    def request(_number: int, _frame: object) -> None:
        stop.request()

    signal.signal(signal.SIGINT, request)
    signal.signal(signal.SIGTERM, request)
    return stop
