"""Watches the stages of the running daemon, and starts the session again when one is frozen."""

import logging

from anoncam.clock import Clock
from anoncam.events.event import Event, emit
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.service.session_loop import SessionLoop
from anoncam.service.status import State
from anoncam.service.watchdog import Watchdog

STALL = 12.0
"""Seconds without a frame, while recording, after which a stage is frozen, at least."""

_SOURCE_MARGIN = 7.0
"""Seconds after which a stage is frozen since the source should have reported that it is lost."""

OPENING = 90.0
"""Seconds that one attempt to record may take until frames come, its back-off included."""

INFERENCE = 85.0
"""Seconds without a sign of life from the inference stage.

It waits for a detector to start for at most 30 seconds. Before that it may try a larger one, for at
most 38.
"""


class StageWatch:
    """Looks at capture, recording, inference and the opening of the source, about once a second."""

    def __init__(
        self, clock: Clock, counters: Counters, inference: InferenceStage, sessions: SessionLoop
    ) -> None:
        self._clock = clock
        self._counters = counters
        self._inference = inference
        self._sessions = sessions
        self._watchdog = Watchdog(clock)
        self._frozen: list[str] = []

    @property
    def alive(self) -> bool:
        """Whether systemd may go on with this process: no stage is beyond help from within."""
        return not self._watchdog.hopeless

    def look(self) -> None:
        """Report a stage that has become frozen, once, and end the session that it belongs to."""
        counters = self._counters
        recording = self._sessions.activity.state is State.RECORDING
        # Without a recording, only the opening has a limit: each attempt is a sign of life.
        idle = None if recording else self._clock.monotonic()
        stall = max(STALL, counters.silence + _SOURCE_MARGIN) if counters.silence else STALL
        self._watchdog.observe("capture", (counters.captured, idle), limit=stall)
        self._watchdog.observe("recording", (counters.recorded, idle), limit=stall)
        self._watchdog.observe("detection", self._inference.heartbeat, limit=INFERENCE)
        attempt = counters.recorded if recording else self._sessions.attempts
        # Before the next attempt the loop may wait for longer, on purpose.
        pausing = self._clock.monotonic() if self._sessions.pausing else None
        self._watchdog.observe("opening", (attempt, pausing), limit=OPENING)
        frozen = self._watchdog.frozen
        if frozen and not self._frozen:
            text = (
                f"no progress in {', '.join(frozen)}: the source is set up anew,"
                " else systemd starts the daemon anew"
            )
            emit(Event.STAGE_FROZEN, text, level=logging.ERROR, stages=frozen)
            self._sessions.end_session()
        self._frozen = frozen
