"""Reloads the configuration while the daemon records."""

import logging
import queue
import threading
from collections.abc import Callable, Mapping
from functools import partial

from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.config.added_zones import Zones
from anoncam.config.changes import changes, needs_new_detector, needs_new_source
from anoncam.config.last_good import Loaded
from anoncam.config.problems import InvalidConfigError
from anoncam.config.schema import MOST_ZONES, Config
from anoncam.detectors.auto_model import AutoModel, longest_time
from anoncam.detectors.coral_fallback import CoralFallback
from anoncam.detectors.detector import Detector
from anoncam.detectors.process.detector_process import DetectorProcess, open_detector
from anoncam.errors import ConfigError
from anoncam.events.event import Event, emit
from anoncam.evidence import record_contents
from anoncam.pipeline.inference import InferenceStage
from anoncam.service.config_loader import ConfigLoader
from anoncam.service.notify import notify
from anoncam.service.session_loop import SessionLoop

_MOST_WORK = 4


class Reloader:
    """Reloads the configuration on request, in a thread of its own.

    A new detector takes seconds to start, and ends with the thread that started it: the thread
    ends when the detector has. `given` is the configuration without the zones that were added from
    the network, `config` is what is in force. `problems` are those of the file as it was last
    loaded. `done` is called after each reload.
    """

    def __init__(
        self,
        loader: ConfigLoader,
        loaded: Loaded,
        anonymizer: Anonymizer,
        inference: InferenceStage,
        sessions: SessionLoop,
    ) -> None:
        self.given = loaded.config
        self.config = loader.with_added_zones(loaded.config)
        self.problems = tuple(map(str, loaded.problems))
        self._loader = loader
        self._anonymizer = anonymizer
        self._inference = inference
        self._sessions = sessions
        self._work: queue.Queue[Callable[[], None]] = queue.Queue(_MOST_WORK)
        self._requested = threading.Event()
        self._reload_wanted = False
        self._closing = False

    def start(self, environment: Mapping[str, str], done: Callable[[], None]) -> None:
        """Wait for requests from now on; systemd is notified of each reload."""

        def run() -> None:
            while self._requested.wait() and not self._closing:
                self._requested.clear()
                while not self._work.empty() and not self._closing:
                    self._work.get()()
                if self._reload_wanted and not self._closing:
                    self._reload_wanted = False
                    notify(environment, RELOADING=1)
                    self.reload()
                    done()

        self._thread = threading.Thread(target=run, name="reloading", daemon=True)
        self._thread.start()

    def close(self, timeout: float) -> bool:
        """End the thread after what it is doing; whether it has ended within `timeout` seconds."""
        self._closing = True
        self._requested.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def request(self) -> None:
        """Have the thread reload soon."""
        self._reload_wanted = True
        self._requested.set()

    def run_soon(self, work: Callable[[], None]) -> bool:
        """Have the thread call `work`, between two reloads; False if it has too much to do."""
        try:
            self._work.put_nowait(work)
        except queue.Full:
            return False
        self._requested.set()
        return True

    def add_zones(self, zones: Zones, user: int) -> None:
        """Put these zones into force beside those of the configuration; for the thread.

        Raises:
            StorageError: they cannot be kept.
            ConfigError: there are too many.
        """
        if len(self.given.anonymizer.zones) + len(zones) > MOST_ZONES:
            raise ConfigError(f"there are more than {MOST_ZONES} zones", "take some away")
        if zones == self._loader.added_zones:
            return
        self._loader.add_zones(zones)
        self.config = self._loader.with_added_zones(self.given)
        self._anonymizer.configure(self.config.anonymizer)
        self._sessions.configure(self.config, new_session=False)
        self._sessions.note(record_contents.zones(zones, user))
        text = f"zones added from the network: {len(zones)} now; no frame is lost"
        emit(Event.ZONES_CHANGED, text, zones=len(zones), user=user)

    def reload(self) -> None:
        """Put the file's configuration into force; with a problem, the one before it stays."""
        try:
            given = self._loader.load()
            config = self._loader.with_added_zones(given)
            changed = changes(self.config, config)
            self._replace_detector(config, changed)
        except Exception as error:  # whatever it is, there is a configuration that works
            problems = error.problems if isinstance(error, InvalidConfigError) else (error,)
            self.problems = tuple(map(str, problems))
            emit(
                Event.CONFIG_REJECTED,
                "the new configuration is rejected, the old one stays in force:",
                level=logging.ERROR,
                details=self.problems,
                problems=self.problems,
            )
            return
        self.problems = ()
        self.given, self.config = given, config
        self._anonymizer.configure(config.anonymizer)
        new_source = needs_new_source(changed)
        self._sessions.configure(config, new_session=new_source)
        self._loader.accept(given)
        text = "config reloaded; no change"
        if changed:
            how = "the source is set up anew for them" if new_source else "no frame is lost"
            text = f"config reloaded; changed: {', '.join(changed)}; {how}"
        emit(Event.CONFIG_RELOADED, text, changed=changed, new_source=new_source)

    def _replace_detector(self, config: Config, changed: tuple[str, ...]) -> None:
        if not needs_new_detector(changed):
            return
        info = self._inference.info
        # A Coral serves one process at a time. Only beside a detector on the processor can the new
        # one be tried first.
        beside = info is not None and info.device == "cpu"
        self._loader.check_model(config)
        make = detector_starter(config)
        self._inference.replace(make, make() if beside else None)


def detector_starter(config: Config) -> Callable[[], Detector]:
    """What starts the detector that `config` asks for, or connects to the shared one."""
    settings, floor = config.detector, config.coverage.least_score
    if settings.service is not None:
        return partial(open_detector, settings, floor)
    return CoralFallback(settings, floor, AutoModel(longest_time(config), DetectorProcess))
