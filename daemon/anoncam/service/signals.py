"""Signals to this process, to be waited for in its main thread."""

import os
import select
import signal


class Signals:
    """Catches signals, and keeps them until `wait` returns them.

    A handler interrupts the main thread anywhere. If it took a lock that the main thread holds, as
    an event does, it would wait for ever. So the handler only writes to a descriptor.

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
        """End the current wait, or the next one."""
        os.eventfd_write(self._descriptor, 1)

    def wait(self, seconds: float) -> set[int]:
        """Wait for a signal or `wake`, for at most `seconds`; the signals since the last wait."""
        if select.select([self._descriptor], [], [], seconds)[0]:
            os.eventfd_read(self._descriptor)
        caught, self._caught = self._caught, set()
        return caught

    def _catch(self, number: int, _frame: object) -> None:
        self._caught.add(number)
        self.wake()
