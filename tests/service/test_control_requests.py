from collections.abc import Mapping
from typing import Any

import pytest

from anoncam.config.schema import ControlSettings
from anoncam.service.control_requests import MOST, SPAN, ControlRequests
from tests.support.frames import FakeClock


class Bench:
    """Requests, what they were answered, and what was done."""

    def __init__(self, *, pause: bool = True, restart: bool = True) -> None:
        self.clock = FakeClock()
        self.done: list[object] = []
        self.answers: list[dict[str, object]] = []
        settings = ControlSettings(pause=pause, restart=restart)
        self.requests = ControlRequests(
            self.clock,
            lambda: settings,
            lambda paused, user: self.done.append((paused, user)),
            self.done.append,
        )

    def pause(self, value: object) -> None:
        self.requests.pause({"pause": value, "id": 7}, 998, self.answers.append)

    def restart(self, request: Mapping[str, Any]) -> None:
        self.requests.restart(request, 998, self.answers.append)


def test_what_is_allowed_is_done_and_answered() -> None:
    bench = Bench()
    bench.pause(True)
    bench.pause(False)
    bench.restart({"restart": True})
    assert bench.done == [(True, 998), (False, 998), 998]
    assert bench.answers[0] == {"id": 7, "problem": ""}


def test_what_the_configuration_does_not_allow_is_not_done() -> None:
    bench = Bench(pause=False, restart=False)
    bench.pause(True)
    bench.restart({"restart": True})
    assert bench.done == []
    assert all("does not allow it" in str(answer["problem"]) for answer in bench.answers)


def test_both_are_off_by_default() -> None:
    assert ControlSettings() == ControlSettings(pause=False, restart=False)


@pytest.mark.parametrize("value", [None, "ON", 1, [], {}])
def test_a_request_that_says_neither_yes_nor_no_does_nothing(value: object) -> None:
    bench = Bench()
    bench.pause(value)
    bench.restart({"restart": value})
    assert bench.done == []
    assert all("neither" in str(answer["problem"]) for answer in bench.answers)


def test_a_restart_that_is_not_wanted_does_nothing() -> None:
    bench = Bench()
    bench.restart({"restart": False})
    assert bench.done == []


def test_a_flood_of_requests_does_not_fill_the_evidence() -> None:
    bench = Bench()
    for number in range(MOST + 5):
        bench.pause(number % 2 == 0)
    assert len(bench.done) == MOST
    bench.clock.advance(SPAN)
    bench.pause(True)
    assert len(bench.done) == MOST + 1
