"""SIGINT (Ctrl-C) and SIGTERM in commands that have to tidy up before they end."""

import signal

from anoncam.clock import Stop


def stop_on_signals() -> Stop:
    """A stop token that SIGINT and SIGTERM request, from now on."""
    stop = Stop()
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, lambda _number, _frame: stop.request())
    return stop
