"""SIGINT (Ctrl-C) and SIGTERM in commands that have to tidy up before they end."""

import signal

from anoncam.clock import Stop


def stop_on_signals() -> Stop:
    """A stop token that SIGINT and SIGTERM request, from now on."""
    stop = Stop()

    def request(_number: int, _frame: object) -> None:
        stop.request()

    signal.signal(signal.SIGINT, request)
    signal.signal(signal.SIGTERM, request)
    return stop
