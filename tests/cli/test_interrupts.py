"""The stop token of commands that have to tidy up."""

import signal
from collections.abc import Iterator

import pytest

from anoncam.cli.interrupts import stop_on_signals


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
        signal.signal(number, handler)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_requests_the_stop(number: signal.Signals) -> None:
    stop = stop_on_signals()
    assert not stop.requested
    signal.raise_signal(number)
    assert stop.requested
