"""Zones that a reader of the feed adds: checked, limited in number, kept and put into force."""

import logging
from collections import deque
from collections.abc import Callable, Mapping
from typing import Any

from anoncam.clock import NANOSECONDS, Clock
from anoncam.config.added_zones import Zones, check
from anoncam.errors import AnoncamError

MOST_CHANGES = 20
SPAN = 20 * 60
"""At most so many changes within so many seconds: each is a record in the evidence, which has a
limited size."""

Answer = Callable[[dict[str, object]], None]
Apply = Callable[[Zones, int], None]


class ZoneRequests:
    """Has `apply` put zones into force, in the thread that `run` gives a function to."""

    def __init__(
        self, clock: Clock, run: Callable[[Callable[[], None]], bool], apply: Apply
    ) -> None:
        self._clock = clock
        self._run = run
        self._apply = apply
        self._times: deque[int] = deque(maxlen=MOST_CHANGES)

    def handle(self, request: Mapping[str, Any], user: int, answer: Answer) -> None:
        """Set the added zones, all of them, to those of a request; returns at once."""
        identity = {"id": request.get("id")}

        def work() -> None:
            try:
                # The checks take the processor's time, also for zones that they refuse.
                self._admit()
                zones = check(request.get("zones"))
                self._apply(zones, user)
            except AnoncamError as error:
                answer({**identity, "problem": str(error)})
            except Exception:
                # Whatever it is, the zones before it are in force, and the thread must go on.
                logging.getLogger(__name__).exception("zones could not be put into force")
                answer({**identity, "problem": "they could not be put into force: see the log"})
            else:
                answer({**identity, "zones": zones})

        if not self._run(work):
            answer({**identity, "problem": "the daemon is busy (try again)"})

    def _admit(self) -> None:
        now = self._clock.monotonic()
        full = len(self._times) == MOST_CHANGES
        if full and now - self._times[0] < SPAN * NANOSECONDS:
            raise AnoncamError("the zones were changed too often", "try again in some minutes")
        self._times.append(now)
