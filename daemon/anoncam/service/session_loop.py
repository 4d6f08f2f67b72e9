"""Records one session after the other, and waits and tries again when one fails."""

import gc
import logging
import threading
from collections.abc import Callable
from pathlib import Path

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import Clock, Stop
from anoncam.config.schema import Config
from anoncam.errors import AnoncamError, CameraError, InputError, StoppedError
from anoncam.events.event import Event, emit
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.service.activity import Activity
from anoncam.service.session import Session
from anoncam.service.snapshots import Snapshots
from anoncam.service.status import State

BACK_OFF = (0.5, 1.0, 2.0, 5.0)
"""Seconds before each further attempt to open a source; the last one repeats."""

_FIRST_RESULT = 10.0
"""Seconds that the first frame waits for the detector to start: it would be veiled otherwise."""

_STOP_CHECK = 0.1


class SessionLoop:
    """Runs sessions in a thread of its own, until `stop` is requested or a source ends for good.

    `attempts` counts all attempts to record. `error` is why the loop has ended: None after a stop
    and after a file that was recorded to its end. `ended` is called when the thread ends.
    """

    def __init__(
        self,
        config: Config,
        state_folder: Path,
        clock: Clock,
        counters: Counters,
        anonymizer: Anonymizer,
        inference: InferenceStage,
        snapshots: Snapshots,
        stop: Stop,
        ended: Callable[[], None],
    ) -> None:
        self.activity = Activity(clock)
        self.session: Session | None = None
        self.attempts = 0
        self.error: AnoncamError | None = None
        self._config = config
        self._state_folder = state_folder
        self._clock = clock
        self._counters = counters
        self._anonymizer = anonymizer
        self._inference = inference
        self._snapshots = snapshots
        self._stop = stop
        self._ended = ended
        # Held where the configuration and the session that runs on it must not change apart.
        self._lock = threading.Lock()
        self._thread = threading.Thread(target=self._run, name="worker", daemon=True)

    def start(self) -> None:
        """Begin with the first session."""
        self._thread.start()

    @property
    def is_alive(self) -> bool:
        """Whether the thread still runs."""
        return self._thread.is_alive()

    def join(self, timeout: float) -> None:
        """Wait for the thread to end, for at most `timeout` seconds."""
        self._thread.join(timeout)

    def configure(self, config: Config, *, new_session: bool) -> None:
        """Go on with another configuration: in a new session, or in the one that runs."""
        with self._lock:
            self._config, session = config, self.session
        if session is not None and new_session:
            session.stop.request()
        elif session is not None:
            session.configure(config)

    def end_session(self) -> None:
        """Ask the session that runs to end; without a stop of the daemon, another follows."""
        if self.session is not None:
            self.session.stop.request()

    def _run(self) -> None:
        failures = 0
        try:
            while not self._stop.requested:
                session = self._next_session()
                if self._stop.requested:
                    break
                before = self._counters.recorded
                try:
                    self.attempts += 1
                    if failures == 0:
                        self.activity.enter(State.OPENING, "opening the source")
                    self._record(session)
                    if not session.stop.requested:
                        emit(Event.SOURCE_ENDED, f"{session.description} has ended")
                        return
                except StoppedError:
                    failures = 0
                    continue
                except CameraError as error:
                    # A stream that is being closed breaks off too: that is no loss.
                    if not session.stop.requested:
                        failures = 0 if self._counters.recorded > before else failures
                        self._lost(error, failures)
                except InputError as error:
                    self.error = error
                    return
                except Exception as error:  # an encoder that gives up, or a mistake of ours
                    failures = 0 if self._counters.recorded > before else failures
                    self._failed(error, failures)
                failures += 1
                if session.stop.wait(BACK_OFF[min(failures, len(BACK_OFF)) - 1]):
                    # The next failure is that of a source set up anew, and is reported again.
                    failures = 0
        finally:
            self._ended()

    def _next_session(self) -> Session:
        with self._lock:
            self.session = Session(
                self._config,
                self._state_folder,
                self._counters,
                self._clock,
                self._snapshots,
                self.session,
            )
            return self.session

    def _record(self, session: Session) -> None:
        # PyAV's containers and streams refer to each other: the decoder of the session before, with
        # its threads and buffers, lives on until it is collected.
        gc.collect()
        with session.open() as source:
            for _ in range(round(_FIRST_RESULT / _STOP_CHECK)):
                if session.stop.requested or self._inference.up.wait(_STOP_CHECK):
                    break
            self.activity.enter(State.RECORDING, "recording")
            session.record(source, self._anonymizer, self._inference)

    def _lost(self, error: CameraError, failures: int) -> None:
        was_open = self.activity.state is State.RECORDING
        if failures == 0 or was_open:
            event = Event.SOURCE_LOST if was_open else Event.CAMERA_WAITING
            emit(event, f"{error}; waiting for it", level=logging.WARNING)
        if failures == 0 or self.activity.state is not State.WAITING:
            doing = f"waiting for a camera since {self.activity.local_now()}: {error}"
            self.activity.enter(State.WAITING, doing)

    def _failed(self, error: Exception, failures: int) -> None:
        reason = error or type(error).__name__
        if failures == 0:
            text = f"recording failed: {reason}; it is tried again"
            emit(Event.STAGE_FAILED, text, level=logging.ERROR)
            if not isinstance(error, AnoncamError):
                logging.getLogger(__name__).error("the place where it failed", exc_info=error)
        if failures == 0 or self.activity.state is not State.RETRYING:
            self.activity.enter(
                State.RETRYING, f"starting again since {self.activity.local_now()}: {reason}"
            )
