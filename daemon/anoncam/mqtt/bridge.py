"""Passes on what the feed tells to the broker, as long as the process lives."""

import contextlib
import json
import logging
import socket
import threading
from dataclasses import dataclass
from functools import partial
from pathlib import Path

from anoncam.clock import NANOSECONDS, Clock, Stop
from anoncam.config import outlets
from anoncam.config.schema import ControlSettings, MqttSettings
from anoncam.errors import FeedError, NotRunningError
from anoncam.events.event import LOGGER
from anoncam.feed.cameras import camera_name
from anoncam.feed.client import FeedReader
from anoncam.feed.protocol import Kind, Message
from anoncam.mqtt import values
from anoncam.mqtt.broker import Broker
from anoncam.mqtt.discovery import describe
from anoncam.mqtt.topics import Topics

Place = tuple[str | None, int, Topics]

_RETRY = 2.0
"""Seconds until a daemon that is away is looked for again."""


@dataclass(frozen=True)
class Settings:
    """What decides what is told to whom; `name` is how the camera is called."""

    mqtt: MqttSettings
    control: ControlSettings
    name: str

    @property
    def place(self) -> Place:
        """Where what is told is kept."""
        return self.mqtt.host, self.mqtt.port, Topics.of(self.name)


class Bridge:
    """Reads the feed and the settings of the daemon whose runtime folder is `folder`.

    Changed settings take effect within a second. What the broker keeps is removed from it when
    another one is set, another name, or none. `taken` is shared by the bridges of a process: two of
    one place would take the connection from each other for ever.
    """

    def __init__(
        self,
        folder: Path,
        password: str | None,
        clock: Clock,
        stop: Stop,
        taken: dict[Place, "Bridge"],
    ) -> None:
        self._taken = taken
        self._folder = folder
        self._password = password
        self._clock = clock
        self._stop = stop
        self._reader: FeedReader | None = None
        # Set by the broker's thread: all is to be told again.
        self._stale = threading.Event()
        self._told: object = None
        self._snapshot_due = 0
        self._waits = ""

    def run(self) -> None:
        """Tell until a stop is requested."""
        while not self._stop.requested:
            settings = self._settings()
            if settings is None or settings.mqtt.host is None:
                self._wait("waiting for a daemon with mqtt.host in its configuration", logging.INFO)
            elif self._taken.setdefault(settings.place, self) is not self:
                text = (
                    f"nothing is told of the camera of {self._folder}, since another one of this"
                    f" machine is called {settings.name}, too: give it an mqtt.name of its own"
                )
                self._wait(text, logging.WARNING)
            else:
                self._waits = ""
                try:
                    self._serve(settings)
                finally:
                    del self._taken[settings.place]

    @property
    def has_broker(self) -> bool:
        """Whether the daemon has published settings that name a broker."""
        settings = self._settings()
        return settings is not None and settings.mqtt.host is not None

    def close(self) -> None:
        """End `run` soon; it may be called by a signal."""
        self._stop.request()
        if self._reader is not None:
            self._reader.close()

    def remove(self) -> None:
        """Have the broker forget the camera, once.

        Raises:
            NotRunningError: no daemon has published the settings.
        """
        settings = self._settings()
        if settings is None or settings.mqtt.host is None:
            raise NotRunningError("no daemon tells of a broker", "start it, with mqtt.host set")
        topics, up = Topics.of(settings.name), threading.Event()
        with Broker(settings.mqtt, self._password, topics, up.set) as broker:
            if not up.wait(30):
                raise NotRunningError("the broker does not answer", "see mqtt.host and mqtt.port")
            broker.forget(topics.retained)

    def _wait(self, reason: str, level: int) -> None:
        """Wait for other settings; why is logged once."""
        if reason != self._waits:
            LOGGER.log(level, reason)
        self._waits = reason
        self._stop.wait(_RETRY)

    def _settings(self) -> Settings | None:
        published = outlets.read(self._folder)
        if published is None:
            return None
        own = f"{socket.gethostname()} {camera_name(self._folder)}".strip()
        return Settings(published.mqtt, published.control, published.mqtt.name or own)

    def _command(self, topics: Topics, topic: str, content: bytes) -> None:
        """Ask the daemon for what Home Assistant has said; the daemon decides."""
        reader = self._reader
        request: dict[str, object] = {"restart": True}
        if topic == topics.pause:
            request = {"pause": content == b"ON"}
        with contextlib.suppress(OSError):
            if reader is not None:
                reader.send(request)

    def _serve(self, settings: Settings) -> None:
        """Tell one broker, until the settings change or a stop is requested."""
        topics = Topics.of(settings.name)
        command = partial(self._command, topics)
        with Broker(settings.mqtt, self._password, topics, self._stale.set, command) as broker:
            self._stale.set()
            while not self._stop.requested and self._is_current(settings):
                try:
                    self._read(settings, broker, topics)
                except (NotRunningError, FeedError):
                    if self._stop.requested:
                        break
                    self._tell(broker, topics, settings, values.STOPPED)
                    self._stop.wait(_RETRY)
            now = self._settings()
            if now is not None and now.place != settings.place:
                broker.forget(topics.retained)

    def _is_current(self, settings: Settings) -> bool:
        # A daemon that stops takes its file away: that is no change.
        return self._settings() in (None, settings)

    def _read(self, settings: Settings, broker: Broker, topics: Topics) -> None:
        with FeedReader(self._folder, (Kind.STATUS, Kind.EVENT)) as self._reader:
            for message in self._reader:
                if self._stop.requested:
                    return
                match message.kind:
                    case Kind.STATUS:
                        if not self._is_current(settings):
                            return
                        status = message.facts["status"]
                        told = values.values_of(status, values.read_temperature())
                        self._tell(broker, topics, settings, told)
                        self._ask_for_snapshot(settings, self._reader)
                    case Kind.EVENT:
                        event = values.event_of(message.facts["event"])
                        broker.publish(topics.event, json.dumps(event))
                    case Kind.PICTURE:
                        self._pass_on(message, broker, topics, self._reader)

    def _tell(self, broker: Broker, topics: Topics, settings: Settings, told: object) -> None:
        """Publish the values if they have changed, and the device first if all is stale."""
        if self._stale.is_set():
            self._stale.clear()
            device = describe(
                topics,
                settings.name,
                temperature=values.read_temperature() is not None,
                snapshots=settings.mqtt.snapshots > 0,
                control=settings.control,
            )
            broker.publish(topics.discovery, json.dumps(device))
            self._told = None
        if told != self._told:
            self._told = told
            broker.publish(topics.state, json.dumps(told))

    def _ask_for_snapshot(self, settings: Settings, reader: FeedReader) -> None:
        # A picture costs the daemon some milliseconds, so it is asked for when it is due.
        now = self._clock.monotonic()
        if settings.mqtt.snapshots and now >= self._snapshot_due:
            self._snapshot_due = now + round(settings.mqtt.snapshots * NANOSECONDS)
            reader.send({"want": [Kind.STATUS, Kind.EVENT, Kind.PICTURE]})

    def _pass_on(
        self, message: Message, broker: Broker, topics: Topics, reader: FeedReader
    ) -> None:
        broker.publish(topics.snapshot, message.payload)
        reader.send({"want": [Kind.STATUS, Kind.EVENT]})
