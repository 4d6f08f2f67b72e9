"""The daemon: starts the parts of the service, attends to signals and status, and ends them."""

import logging
import os
import signal
from collections.abc import Mapping
from pathlib import Path
from typing import NoReturn

from anoncam import __version__
from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import Clock, Stop, SystemClock
from anoncam.config import folders
from anoncam.errors import AnoncamError
from anoncam.events.event import Event, emit
from anoncam.evidence import record_contents
from anoncam.evidence.key_file import KeyFile
from anoncam.frames import locked_memory
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.processes.confinement import missing
from anoncam.service.config_loader import ConfigLoader
from anoncam.service.control_requests import ControlRequests
from anoncam.service.coral_return import start_coral_return
from anoncam.service.evidence_key import announce
from anoncam.service.feed import Feed
from anoncam.service.notify import notify
from anoncam.service.reload import Reloader, detector_starter
from anoncam.service.reporter import Reporter
from anoncam.service.session_loop import SessionLoop
from anoncam.service.signals import Signals
from anoncam.service.snapshots import Snapshots
from anoncam.service.stage_watch import StageWatch
from anoncam.service.status import State
from anoncam.service.zone_requests import ZoneRequests

_STOP_TIMEOUT = 2.5
"""Seconds that the pipeline may take to stop; a segment still open then is salvaged at the next
start."""

_RELOAD_TIMEOUT = 0.3
"""Seconds that a reload which is under way may still take."""

_REPORT_INTERVAL = 1.0


class Daemon:
    """One daemon, from its start to its end.

    >>> exit_code = Daemon(Path("config.yaml"), os.environ).run()
    """

    def __init__(
        self, config_file: Path, environment: Mapping[str, str], clock: Clock | None = None
    ) -> None:
        self._environment = environment
        self._clock = clock or SystemClock()
        self._folders = folders.daemon_folders(environment)
        self._loader = ConfigLoader(config_file, environment, self._folders.state)
        self._key = KeyFile(self._folders.state, folders.credentials_folder(environment))
        self._stop = Stop()
        self._restarting = False
        self._counters = Counters()

    def run(self) -> int:
        """Run until a stop is requested or a file that is the source has ended; the exit code.

        Raises:
            ConfigError: there is no configuration to run on.
            AnoncamError: the state folder or the source's file cannot be used.
        """
        self._signals = Signals(signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
        locked_memory.seal()
        snapshots, feed = Snapshots(), Feed(self._clock)
        with Reporter(self._environment, self._folders, self._clock, snapshots, feed) as reporter:
            self._reporter = reporter
            try:
                self._start(snapshots, feed)
                self._attend()
                return self._end()
            except AnoncamError:
                raise
            except BaseException as error:
                text = f"the daemon crashed: {type(error).__name__}: {error}"
                emit(Event.CRASHED, text, level=logging.CRITICAL, error=type(error).__name__)
                raise

    def _start(self, snapshots: Snapshots, feed: Feed) -> None:
        """Load the configuration and start the threads."""
        loaded = self._loader.load_at_start()
        self._reporter.register(self._loader.path)
        booted = self._reporter.booted
        when = "for the first time since the machine booted, " if booted else ""
        text = f"anoncam {__version__} started, {when}config {self._loader.path}"
        emit(Event.STARTED, text, version=__version__, booted=booted)
        announce(self._key)
        if lacks := missing():
            text = f"what decodes files and cameras keeps some rights: {', '.join(lacks)}"
            emit(Event.CONFINEMENT_INCOMPLETE, text, level=logging.WARNING)
        config = self._loader.with_added_zones(loaded.config)
        anonymizer = Anonymizer(config.anonymizer)
        inference = InferenceStage(detector_starter(config), counters=self._counters)
        sessions = SessionLoop(
            config,
            self._folders.state,
            self._clock,
            self._counters,
            anonymizer,
            inference,
            snapshots,
            feed,
            self._stop,
            self._signals.wake,
            self._key,
        )
        self._inference, self._sessions = inference, sessions
        self._watch = StageWatch(self._clock, self._counters, inference, sessions)
        self._reloader = Reloader(self._loader, loaded, anonymizer, inference, sessions)
        zones = ZoneRequests(self._clock, self._reloader.run_soon, self._reloader.add_zones)
        feed.requests["zones"] = zones.handle
        control = ControlRequests(
            self._clock, lambda: self._reloader.config.control, sessions.pause, self._restart
        )
        feed.requests |= {"pause": control.pause, "restart": control.restart}
        inference.start()
        sessions.start()
        self._reloader.start(self._environment, self._reloaded)
        start_coral_return(inference, self._stop)

    def _reloaded(self) -> None:
        # After RELOADING=1 systemd waits for READY=1. The next report has it, and is due at once.
        self._reporter.ready = False
        self._signals.wake()

    def _restart(self, user: int) -> None:
        self._sessions.note(record_contents.control("restart", user))
        text = "a restart was asked for from the network; systemd starts the daemon again"
        emit(Event.RESTART_REQUESTED, text, level=logging.WARNING, user=user)
        self._restarting = True
        self._signals.wake()

    def _attend(self) -> None:
        """Attend to signals, watchdog and status until the daemon is to end."""
        while self._sessions.is_alive:
            caught = self._signals.wait(_REPORT_INTERVAL)
            if caught & {signal.SIGTERM, signal.SIGINT} or self._restarting:
                return
            if signal.SIGHUP in caught:
                # The report after a SIGHUP comes from the reload.
                self._reloader.request()
                continue
            self._watch.look()
            self._sessions.reports.settle()
            self._reporter.report(self._report(), alive=self._watch.alive)

    def _end(self) -> int:
        self._stop.request()
        notify(self._environment, STOPPING=1)
        self._sessions.end_session()
        self._sessions.join(_STOP_TIMEOUT)
        self._sessions.activity.enter(State.STOPPED, "stopped")
        stuck = self._sessions.is_alive
        if stuck:
            text = "a stage did not stop in time; the open segment is salvaged at the next start"
            emit(Event.STAGE_FAILED, text, level=logging.ERROR)
        # Frames that were lost with a failing disk are not counted.
        session, counters = self._sessions.session, vars(self._counters)
        frames, veiled = (0, 0) if session is None else session.on_disk
        text = f"stopped after {frames} recorded frames, {veiled} of them veiled"
        emit(Event.STOPPED, text, **counters | {"recorded": frames, "veiled": veiled})
        self._reporter.end(self._report())
        if stuck:
            self._exit()
        self._inference.close()
        reloads = not self._reloader.close(_RELOAD_TIMEOUT)
        if self._sessions.error is not None:
            raise self._sessions.error
        if reloads:
            self._exit()
        return 0

    def _exit(self) -> NoReturn:
        # A thread that hangs in a driver would keep the process from ending. One that Python ends
        # within pydantic would abort it.
        self._reporter.close()
        logging.shutdown()
        os._exit(0)

    def _report(self) -> dict[str, object]:
        """The content of the status file, without the frame rate."""
        activity, session, info = (
            self._sessions.activity,
            self._sessions.session,
            self._inference.info,
        )
        latency = round(self._inference.latency * 1000, 1)
        return {
            "version": __version__,
            "pid": os.getpid(),
            "at": activity.now(),
            "state": activity.state,
            "doing": activity.doing,
            "since": activity.since,
            "config": {
                "file": str(self._loader.path.absolute()),
                "problems": self._reloader.problems,
            },
            "zones": {
                "configured": self._reloader.given.anonymizer.zones,
                "added": self._loader.added_zones,
            },
            "source": session.description if session else None,
            "counts": vars(self._counters),
            "detector": vars(info) | {"latency_ms": latency} if info else None,
            "recording": session.report() if session else None,
        }
