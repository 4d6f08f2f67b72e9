"""The daemon: keeps a pipeline running over whatever source there is, until it is told to stop."""

import gc
import logging
import os
import signal
import threading
from collections.abc import Mapping
from pathlib import Path

from anoncam import __version__
from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import Clock, Stop, SystemClock, local_text, utc_text
from anoncam.config import folders
from anoncam.config.advice import advise
from anoncam.config.changes import changes, needs_new_detector, needs_new_source
from anoncam.config.last_good import load_or_last_good, remember
from anoncam.config.load import load
from anoncam.config.schema import Config
from anoncam.detectors import coral_fallback
from anoncam.detectors.coral_fallback import CoralFallback
from anoncam.detectors.model_check import check_model
from anoncam.errors import AnoncamError, CameraError, InputError, StoppedError, StorageError
from anoncam.events.event import Event, emit
from anoncam.frames import locked_memory
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.service.notify import notify
from anoncam.service.reporter import Reporter
from anoncam.service.session import Session
from anoncam.service.signals import Signals
from anoncam.service.snapshots import Snapshots
from anoncam.service.status import State
from anoncam.service.watchdog import Watchdog

BACK_OFF = (0.5, 1.0, 2.0, 5.0)
"""Seconds before each further attempt to open a source; the last one again and again."""

STALL = 12.0
"""Seconds without a frame, while recording, after which a stage is frozen: a source tells of its
loss sooner."""

OPENING = 90.0
"""Seconds that one attempt to record may take until frames come, the back-off before it
included."""

DETECTING = 45.0
"""Seconds without a sign of life from the inference, who waits for a detector to start for at most
30."""

_LAST_WORD = 2.5
"""Seconds that the pipeline may take to stop; what is open then is salvaged at the next start."""

_FIRST_ANSWER = 10.0
"""Seconds that the first frame waits for a detector to be up, rather than be veiled."""

_STOP_CHECK = 0.1


class Daemon:
    """One daemon, from its start to its end.

    >>> exit_code = Daemon(Path("config.yaml"), os.environ).run()
    """

    def __init__(
        self, config_file: Path, environment: Mapping[str, str], clock: Clock | None = None
    ) -> None:
        self._file = config_file
        self._environment = environment
        self._clock = clock or SystemClock()
        self._folders = folders.daemon_folders(environment)
        self._stop = Stop()
        self._reload_wanted = threading.Event()
        # Held where the configuration and the session that runs on it must not change apart.
        self._lock = threading.Lock()
        self._counts = Counters()
        self._session: Session | None = None
        self._problems: tuple[str, ...] = ()
        self._snapshots = Snapshots()
        self._watchdog = Watchdog(self._clock)
        self._frozen: list[str] = []
        self._attempts = 0
        self._enter(State.STARTING, "starting")
        self._error: AnoncamError | None = None

    def run(self) -> int:
        """Run until the stop is requested or a source that ends has ended; the exit code.

        Raises:
            ConfigError: there is no configuration to run on.
            AnoncamError: the state folder or the source's file cannot be used.
        """
        self._signals = Signals(signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        locked_memory.seal()
        with Reporter(self._environment, self._folders, self._clock, self._snapshots) as reporter:
            self._reporter = reporter
            try:
                return self._run()
            except AnoncamError:
                raise
            except BaseException as error:
                text = f"the daemon crashed: {type(error).__name__}: {error}"
                emit(Event.CRASHED, text, level=logging.CRITICAL, error=type(error).__name__)
                raise

    def _run(self) -> int:
        self._config = self._load()
        booted = self._reporter.booted
        when = "for the first time since the machine booted, " if booted else ""
        text = f"anoncam {__version__} started, {when}config {self._file}"
        emit(Event.STARTED, text, version=__version__, booted=booted)
        self._anonymizer = Anonymizer(self._config.anonymizer)
        self._inference = InferenceStage(_maker(self._config), counters=self._counts)
        self._inference.start()
        worker = threading.Thread(target=self._work, name="worker", daemon=True)
        worker.start()
        threading.Thread(target=self._work_on_reloads, name="reloading", daemon=True).start()
        threading.Thread(target=self._work_on_the_coral, name="coral", daemon=True).start()
        self._attend(worker)
        return self._end(worker)

    # The main thread: signals, the status file.

    def _attend(self, worker: threading.Thread) -> None:
        while worker.is_alive():
            caught = self._signals.wait(1.0)
            if caught & {signal.SIGTERM, signal.SIGINT}:
                return
            if signal.SIGHUP in caught:
                self._reload_wanted.set()
                # What is said next is for the reload to say.
                continue
            self._watch()
            self._reporter.report(self._report(), alive=not self._watchdog.hopeless)

    def _watch(self) -> None:
        """Notice a stage that stands still, and have it started anew."""
        counts = self._counts
        recording = self._state is State.RECORDING
        # A state that is not recording is timed as a whole: each attempt to leave it is a sign of
        # life.
        idle = None if recording else self._clock.monotonic()
        self._watchdog.observe("capture", (counts.captured, idle), limit=STALL)
        self._watchdog.observe("recording", (counts.recorded, idle), limit=STALL)
        self._watchdog.observe("detection", self._inference.heartbeat, limit=DETECTING)
        self._watchdog.observe(
            "opening", counts.recorded if recording else self._attempts, limit=OPENING
        )
        frozen = self._watchdog.frozen
        if frozen and not self._frozen:
            text = f"no progress in {', '.join(frozen)}: the source is set up anew, else systemd starts the daemon anew"
            emit(Event.STAGE_FROZEN, text, level=logging.ERROR, stages=frozen)
            if self._session is not None:
                self._session.stop.request()
        self._frozen = frozen

    def _end(self, worker: threading.Thread) -> int:
        self._stop.request()
        notify(self._environment, STOPPING=1)
        if self._session is not None:
            self._session.stop.request()
        worker.join(_LAST_WORD)
        self._enter(State.STOPPED, "stopped")
        counts = self._counts
        if worker.is_alive():
            text = "a stage did not stop in time; the open segment is salvaged at the next start"
            emit(Event.STAGE_FAILED, text, level=logging.ERROR)
        # Frames that were lost with a failing disk are not counted.
        frames, veiled = (0, 0) if self._session is None else self._session.on_disk
        text = f"stopped after {frames} recorded frames, {veiled} of them veiled"
        emit(Event.STOPPED, text, **vars(counts) | {"recorded": frames, "veiled": veiled})
        self._reporter.end(self._report())
        if worker.is_alive():
            # A thread that hangs in a driver would keep the process from ending.
            self._reporter.close()
            logging.shutdown()
            os._exit(0)
        self._inference.close()
        if self._error is not None:
            raise self._error
        return 0

    def _load(self) -> Config:
        loaded = load_or_last_good(self._file, self._environment, self._folders.state)
        self._problems = tuple(map(str, loaded.problems))
        if self._problems:
            text = "the configuration has errors, so the last good one is in force:\n" + "\n".join(
                self._problems
            )
            emit(Event.CONFIG_FELL_BACK, text, level=logging.ERROR, problems=self._problems)
        else:
            self._remember(loaded.config)
            self._advise(loaded.config)
        return loaded.config

    def _advise(self, config: Config) -> None:
        for advice in advise(config, self._file, self._environment):
            logging.getLogger(__name__).warning("%s", advice)

    def _remember(self, config: Config) -> None:
        try:
            remember(config, self._folders.state)
        except StorageError as error:
            # A card that has turned read-only is no reason not to start: the recorder tells it, and
            # waits.
            logging.getLogger(__name__).warning("%s", error)

    # The thread that reloads: a new detector takes its time, and dies with the thread that started
    # it.

    def _work_on_reloads(self) -> None:
        while self._reload_wanted.wait():
            self._reload_wanted.clear()
            notify(self._environment, RELOADING=1)
            self._reload()
            self._reporter.ready = False
            self._signals.wake()

    def _reload(self) -> None:
        try:
            config = load(self._file, self._environment)
            changed = changes(self._config, config)
            self._replace_detector(config, changed)
        except Exception as error:  # whatever it is, there is a configuration that works
            self._problems = tuple(str(error).splitlines())
            text = f"the new configuration is rejected, the old one stays in force:\n{error}"
            emit(Event.CONFIG_REJECTED, text, level=logging.ERROR, problems=self._problems)
            return
        self._problems = ()
        self._anonymizer.configure(config.anonymizer)
        anew = needs_new_source(changed)
        with self._lock:
            self._config, session = config, self._session
        if session is not None and anew:
            session.stop.request()
        elif session is not None:
            session.configure(config)
        self._remember(config)
        self._advise(config)
        how = "the source is set up anew for them" if anew else "no frame is lost"
        text = (
            f"config reloaded; changed: {', '.join(changed)}; {how}"
            if changed
            else "config reloaded; no change"
        )
        emit(Event.CONFIG_RELOADED, text, changed=changed, new_source=anew)

    def _replace_detector(self, config: Config, changed: tuple[str, ...]) -> None:
        if not needs_new_detector(changed):
            return
        info = self._inference.info
        # A Coral serves one process at a time: only beside a detector on the CPU the new one can be
        # tried first.
        beside = info is not None and info.device == "cpu"
        check_model(config, self._file, self._environment)
        make = _maker(config)
        self._inference.replace(make, make() if beside else None)

    # The thread that goes back to the Coral: it never ends, since the detectors that it starts end
    # with it.

    def _work_on_the_coral(self) -> None:
        pause = threading.Event()
        while True:
            make, info = self._inference.make, self._inference.info
            pause.wait(
                make.pause if isinstance(make, CoralFallback) else coral_fallback.RETRY_PAUSE
            )
            lacks_it = info is not None and info.coral_problem
            if not lacks_it or not isinstance(make, CoralFallback) or self._stop.requested:
                continue
            detector = make.try_the_coral()
            if detector is not None:
                self._inference.replace(make, detector, instead_of=make)

    def _report(self) -> dict[str, object]:
        session = self._session
        info = self._inference.info
        return {
            "version": __version__,
            "pid": os.getpid(),
            "at": self._now(),
            "state": self._state,
            "doing": self._doing,
            "since": self._since,
            "config": {"file": str(self._file), "problems": self._problems},
            "source": session.description if session else None,
            "counts": vars(self._counts),
            "detector": vars(info) | {"latency_ms": round(self._inference.latency * 1000, 1)}
            if info
            else None,
            "recording": session.report() if session else None,
        }

    def _enter(self, state: State, doing: str) -> None:
        self._state, self._doing, self._since = state, doing, self._now()

    # The worker thread: one session after the other.

    def _work(self) -> None:
        attempts = 0
        try:
            while not self._stop.requested:
                with self._lock:
                    session = self._session = Session(
                        self._config,
                        self._folders.state,
                        self._counts,
                        self._clock,
                        self._snapshots,
                        self._session,
                    )
                if self._stop.requested:
                    break
                before = self._counts.recorded
                try:
                    self._attempts += 1
                    if attempts == 0:
                        self._enter(State.OPENING, "opening the source")
                    self._record(session)
                    if not session.stop.requested:
                        emit(Event.SOURCE_ENDED, f"{session.description} has ended")
                        return
                except StoppedError:
                    attempts = 0
                    continue
                except CameraError as error:
                    # A stream that is being closed breaks off too: that is no loss.
                    if not session.stop.requested:
                        attempts = 0 if self._counts.recorded > before else attempts
                        self._lost(error, attempts)
                except InputError as error:
                    self._error = error
                    return
                except Exception as error:
                    # An encoder that gives up, or a mistake of ours: whatever it is, recording is
                    # tried again.
                    attempts = 0 if self._counts.recorded > before else attempts
                    self._failed(error, attempts)
                attempts += 1
                if session.stop.wait(BACK_OFF[min(attempts, len(BACK_OFF)) - 1]):
                    # What is wrong with a source that was set up anew has not been told.
                    attempts = 0
        finally:
            self._signals.wake()

    def _record(self, session: Session) -> None:
        # PyAV's containers and streams refer to each other: the decoder of the session before, with
        # its threads and buffers, lives on until it is collected.
        gc.collect()
        with session.open() as source:
            for _ in range(round(_FIRST_ANSWER / _STOP_CHECK)):
                if session.stop.requested or self._inference.up.wait(_STOP_CHECK):
                    break
            self._enter(State.RECORDING, "recording")
            session.record(source, self._anonymizer, self._inference)

    def _lost(self, error: CameraError, attempts: int) -> None:
        was_open = self._state is State.RECORDING
        if attempts == 0 or was_open:
            event = Event.SOURCE_LOST if was_open else Event.CAMERA_WAITING
            emit(event, f"{error}; waiting for it", level=logging.WARNING)
        if attempts == 0 or self._state is not State.WAITING:
            self._enter(
                State.WAITING,
                f"waiting for a camera since {local_text(self._clock.utc())}: {error}",
            )

    def _failed(self, error: Exception, attempts: int) -> None:
        if attempts == 0:
            text = f"recording failed: {error or type(error).__name__}; it is tried again"
            emit(Event.STAGE_FAILED, text, level=logging.ERROR)
            if not isinstance(error, AnoncamError):
                logging.getLogger(__name__).error("the place where it failed", exc_info=error)
        if attempts == 0 or self._state is not State.RETRYING:
            self._enter(
                State.RETRYING,
                f"starting again since {local_text(self._clock.utc())}: {error or type(error).__name__}",
            )

    def _now(self) -> str:
        return utc_text(self._clock.utc())


def _maker(config: Config) -> CoralFallback:
    return CoralFallback(config.detector, config.coverage.least_score)
