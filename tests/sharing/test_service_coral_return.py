from dataclasses import replace
from typing import Any

from anoncam.clock import Stop
from anoncam.detectors.simulated import INFO
from anoncam.sharing.service import return_to_the_coral
from tests.support.sharing import InputDetector

ON_CPU = replace(INFO, device="cpu", coral_problem="the Coral has failed")
ON_CORAL = replace(INFO, device="coral")


class Server:
    """A server whose detector runs on the processor at first."""

    def __init__(self) -> None:
        self.info = ON_CPU
        self.replaced = 0

    def replace(self, ready: InputDetector) -> None:
        self.info = ready.info
        self.replaced += 1


class Fallback:
    """A Coral that works again at the third try; it is asked for a pause before each."""

    def __init__(self, stop: Stop) -> None:
        self.tries = self._pauses = 0
        self._stop = stop

    @property
    def pause(self) -> float:
        self._pauses += 1
        if self._pauses == 6:
            self._stop.request()
        return 0.0

    def try_the_coral(self) -> InputDetector | None:
        self.tries += 1
        return InputDetector(ON_CORAL) if self.tries == 3 else None


def test_the_coral_is_tried_until_it_works_and_then_no_longer() -> None:
    stop = Stop()
    server: Any = Server()
    fallback: Any = Fallback(stop)
    return_to_the_coral(server, fallback, stop)

    assert (fallback.tries, server.replaced, server.info.device) == (3, 1, "coral")
