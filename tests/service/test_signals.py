import signal
import threading
from collections.abc import Iterator

import pytest

from anoncam.service.signals import Signals

LONG = 30


@pytest.fixture(autouse=True)
def handlers() -> Iterator[None]:
    numbers = (signal.SIGUSR1, signal.SIGUSR2)
    before = [signal.getsignal(number) for number in numbers]
    yield
    for number, handler in zip(numbers, before, strict=True):
        signal.signal(number, handler)


def test_signals_that_came_before_the_wait_are_given_once() -> None:
    signals = Signals(signal.SIGUSR1, signal.SIGUSR2)
    signal.raise_signal(signal.SIGUSR1)
    signal.raise_signal(signal.SIGUSR2)
    signal.raise_signal(signal.SIGUSR2)
    assert signals.wait(LONG) == {signal.SIGUSR1, signal.SIGUSR2}
    assert signals.wait(0) == set()


def test_a_signal_ends_a_wait_under_way() -> None:
    signals = Signals(signal.SIGUSR1)
    main = threading.main_thread().ident
    assert main is not None
    threading.Timer(0.05, signal.pthread_kill, (main, signal.SIGUSR1)).start()
    assert signals.wait(LONG) == {signal.SIGUSR1}


def test_a_wake_from_another_thread_ends_a_wait_without_a_signal() -> None:
    signals = Signals(signal.SIGUSR1)
    threading.Timer(0.05, signals.wake).start()
    assert signals.wait(LONG) == set()
