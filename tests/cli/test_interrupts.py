"""Stop tokens of commands that read several files."""

import signal
from collections.abc import Iterator

import pytest

from anoncam.cli.interrupts import FileStops


@pytest.fixture(autouse=True)
def _handlers() -> Iterator[None]:
    before = [signal.getsignal(number) for number in (signal.SIGINT, signal.SIGTERM)]
    yield
    for number, handler in zip((signal.SIGINT, signal.SIGTERM), before, strict=True):
        signal.signal(number, handler)


def test_a_file_that_stops_concerns_no_other_file() -> None:
    stops = FileStops()
    stops.next().request()
    assert not stops.next().requested


def test_a_signal_stops_the_present_file_and_all_later_ones() -> None:
    stops = FileStops()
    present = stops.next()
    signal.raise_signal(signal.SIGTERM)
    assert present.requested
    assert stops.next().requested
