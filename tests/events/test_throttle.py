import logging

import pytest

from anoncam.clock import NANOSECONDS
from anoncam.events.throttle import MOST, SPAN, ThrottledLog
from tests.support.frames import FakeClock


def test_a_logger_that_strangers_fill_logs_a_limited_number_of_lines(
    caplog: pytest.LogCaptureFixture,
) -> None:
    clock, logger = FakeClock(), logging.getLogger("test.strangers")
    logger.addFilter(ThrottledLog(clock))
    for _ in range(1000):
        logger.error("a bad request")
    assert len(caplog.messages) == MOST
    clock.advance(SPAN / NANOSECONDS)
    logger.error("a bad request")
    assert len(caplog.messages) == MOST + 1
