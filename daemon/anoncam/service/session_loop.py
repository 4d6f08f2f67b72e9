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
from anoncam.evidence import record_contents
from anoncam.evidence.key_file import KeyFile
from anoncam.evidence.record_contents import Content
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.service.activity import Activity
from anoncam.service.back_off import BackOff
from anoncam.service.feed import Feed
from anoncam.service.session import Session
from anoncam.service.snapshots import Snapshots
from anoncam.service.source_reports import SourceReports
from anoncam.service.status import State

_FIRST_RESULT = 10.0
"""Seconds that the first frame waits for the detector to start: it would be veiled otherwise."""

_STOP_CHECK = 0.1


class SessionLoop:
    """Runs sessions in a thread of its own, until `stop` is requested or a source ends for good.

    `attempts` counts all attempts to record. `pausing` is whether it waits on purpose before the
    next one. `error` is why the loop has ended: None after a stop
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
        feed: Feed,
        stop: Stop,
        ended: Callable[[], None],
        key: KeyFile | None = None,
    ) -> None:
        self.activity = Activity(clock)
        self.reports = SourceReports(clock)
        self.session: Session | None = None
        self.attempts = 0
        self.pausing = False
        self.error: AnoncamError | None = None
        self._config = config
        self._state_folder = state_folder
        self._clock = clock
        self._counters = counters
        self._anonymizer = anonymizer
        self._inference = inference
        self._snapshots = snapshots
        self._feed = feed
        self._stop = stop
        self._ended = ended
        self._key = key
        self._back_off = BackOff()
        self._waiting_for: type[CameraError] = CameraError
        self._waiting_since = ""
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
        """Go on with another configuration: in a new session, or in the one that runs.

        A loop that waits before its next attempt makes it at once, whatever has changed.
        """
        with self._lock:
            self._config, session = config, self.session
        self.reports.reset()
        if session is not None and (new_session or self.pausing):
            session.stop.request()
        elif session is not None:
            session.configure(config)

    def pause(self, paused: bool, user: int) -> None:
        """Pause the recording for a user of the feed, or go on with it; a record and an event."""
        with self._lock:
            session = self.session
            if session is None or session.paused == paused:
                return
            session.pause(paused)
            session.note(record_contents.control("paused" if paused else "resumed", user))
        if paused:
            text = "the recording is paused from the network"
            emit(Event.RECORDING_PAUSED, text, level=logging.WARNING, user=user)
        else:
            emit(Event.RECORDING_RESUMED, "the recording goes on after a pause", user=user)

    def note(self, content: Content) -> None:
        """Have something recorded in the evidence, by the session of now or the next one."""
        with self._lock:
            if self.session is not None:
                self.session.note(content)

    def end_session(self) -> None:
        """Ask the session that runs to end; without a stop of the daemon, another follows."""
        if self.session is not None:
            self.session.stop.request()

    def _run(self) -> None:
        back_off = self._back_off
        try:
            while not self._stop.requested:
                session = self._next_session()
                if self._stop.requested:
                    break
                before = self._counters.recorded
                failure: Exception | None = None
                try:
                    self.attempts += 1
                    if back_off.failures == 0:
                        self.activity.enter(State.OPENING, "opening the source")
                    self._record(session)
                    if not session.stop.requested:
                        emit(Event.SOURCE_ENDED, f"{session.description} has ended")
                        return
                except StoppedError:
                    back_off.clear()
                    continue
                except Exception as error:
                    if isinstance(error, InputError) and not isinstance(error, CameraError):
                        self.error = error
                        return
                    failure = error
                    if self._counters.recorded > before:
                        back_off.clear()
                    # A stream that is being closed breaks off too: that is no loss.
                    if not isinstance(error, CameraError):
                        self._failed(error, back_off.failures)
                    elif not session.stop.requested:
                        self._lost(error, back_off.failures)
                if self._pause(session, back_off.fail(failure)):
                    # The next failure is that of a source set up anew, and is reported again.
                    back_off.clear()
        finally:
            self.reports.end()
            self._ended()

    def _pause(self, session: Session, seconds: float) -> bool:
        """Wait before the next attempt; whether that was ended early."""
        self.pausing = True
        try:
            return session.stop.wait(seconds)
        finally:
            self.pausing = False

    def _next_session(self) -> Session:
        with self._lock:
            self.session = Session(
                self._config,
                self._state_folder,
                self._counters,
                self._clock,
                self._snapshots,
                self._feed,
                self.session,
                self._key,
            )
            return self.session

    def _record(self, session: Session) -> None:
        # PyAV's containers and streams refer to each other: the decoder of the session before, with
        # its threads and buffers, lives on until it is collected.
        gc.collect()
        with session.open(self.reports) as source:
            for _ in range(round(_FIRST_RESULT / _STOP_CHECK)):
                if session.stop.requested or self._inference.up.wait(_STOP_CHECK):
                    break
            self.activity.enter(State.RECORDING, "recording")
            session.record(source, self._anonymizer, self._inference)

    def _lost(self, error: CameraError, failures: int) -> None:
        was_open = self.activity.state is State.RECORDING
        # A camera that starts refuses connections first: that it refuses the password is news.
        if failures == 0 or was_open or type(error) is not self._waiting_for:
            self._waiting_for = type(error)
            self._counters.losses += 1
            self.reports.lost(f"{error}; waiting for it", was_open=was_open)
        if failures == 0 or self.activity.state is not State.WAITING:
            self._waiting_since = self.activity.local_now()
            self.activity.enter(State.WAITING, "waiting for a camera")
        self.activity.doing = f"waiting for a camera since {self._waiting_since}: {error}"

    def _failed(self, error: Exception, failures: int) -> None:
        # This is an encoder that gives up, or a mistake of ours.
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
