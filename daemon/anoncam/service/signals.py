"""Signals of this process, as something to wait for."""

import os
import select
import signal


class Signals:
    """Catches signals, and keeps them until they are waited for.

    A handler runs in the middle of whatever the main thread does: one that took a lock, as an event
    does, could wait for ever for the thread that it interrupts. This one writes to a descriptor
    alone.

    >>> signals = Signals(signal.SIGUSR1)
    >>> signal.raise_signal(signal.SIGUSR1)
    >>> signals.wait(60) == {signal.SIGUSR1}
    True
    """

    def __init__(self, *numbers: signal.Signals) -> None:
        self._caught: set[int] = set()
        self._descriptor = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        for number in numbers:
            signal.signal(number, self._catch)

    def wake(self) -> None:
        """End the wait under way, or the next one."""
        os.eventfd_write(self._descriptor, 1)

    def wait(self, seconds: float) -> set[int]:
        """Wait for a signal or for `wake`, for at most `seconds`; the signals that came since the
        last time.
        """
        if select.select([self._descriptor], [], [], seconds)[0]:
            os.eventfd_read(self._descriptor)
        caught, self._caught = self._caught, set()
        return caught

    def _catch(self, number: int, _frame: object) -> None:
        self._caught.add(number)
        self.wake()
