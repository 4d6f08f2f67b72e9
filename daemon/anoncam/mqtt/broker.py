"""The connection to the broker, by paho-mqtt 1.6 (bookworm) or 2 (trixie)."""

import logging
import threading
from collections.abc import Callable, Iterable
from types import TracebackType
from typing import Any, Self

from anoncam.config.schema import MqttSettings
from anoncam.errors import AnoncamError
from anoncam.events.event import Event, emit
from anoncam.mqtt.topics import BIRTH, Topics

_FIRST_PAUSE, _LONGEST_PAUSE = 1, 60
"""Seconds between two attempts to connect; the pause doubles."""

_KEEP_ALIVE = 30
"""Seconds of silence, and half as many again, after which the broker counts this end as dead."""

_CLOSE_TIMEOUT = 3.0


class Broker:
    """Stays connected from the beginning to the end of the block, whatever the broker does.

    `connected` is called each time a connection stands, and when Home Assistant has started:
    everything is to be told again. `command` is called with topic and content of each command. Both
    are called in another thread. A broker that fails, and the end of that, are events.

    Raises:
        AnoncamError: paho-mqtt is not installed.
    """

    def __init__(
        self,
        settings: MqttSettings,
        password: str | None,
        topics: Topics,
        connected: Callable[[], None],
        command: Callable[[str, bytes], None] = lambda _topic, _content: None,
    ) -> None:
        self._topics = topics
        self._connected = connected
        self._command = command
        self._where = f"{settings.host}:{settings.port}"
        self._failed = False
        self._last_word = "offline"
        self._up = threading.Event()
        self._client = client = _client(f"anoncam-{topics.id}")
        if settings.user is not None:
            client.username_pw_set(settings.user, password)
        if settings.tls:
            client.tls_set()
        unreachable = "it cannot be reached"
        if settings.tls:
            unreachable += ", or nobody whom this machine trusts has signed its certificate"
        client.will_set(topics.availability, "offline", qos=1, retain=True)
        client.on_connect = self._on_connect
        client.on_connect_fail = lambda *_: self._fail(unreachable)
        client.on_disconnect = lambda *_: self._lose()
        client.on_message = self._on_message
        client.reconnect_delay_set(_FIRST_PAUSE, _LONGEST_PAUSE)
        client.connect_async(settings.host, settings.port, _KEEP_ALIVE)

    def __enter__(self) -> Self:
        self._client.loop_start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        """Say good-bye: a clean end does not make the broker say `offline` by itself."""
        self.publish(self._topics.availability, self._last_word, wait=True)
        self._up.clear()
        self._client.on_disconnect = None
        self._client.disconnect()
        self._client.loop_stop()

    def publish(
        self, topic: str, content: str | bytes, *, retain: bool = True, wait: bool = False
    ) -> None:
        """Publish, if there is a connection; with `wait`, until the broker has it."""
        if not self._up.is_set():
            return
        sent = self._client.publish(topic, content, qos=1 if wait else 0, retain=retain)
        if wait:
            try:
                sent.wait_for_publish(_CLOSE_TIMEOUT)
            except (RuntimeError, ValueError):
                # The connection has ended. There is a next one, or none is needed.
                return

    def forget(self, topics: Iterable[str]) -> None:
        """Have the broker forget what it keeps of these topics; say nothing at the end, either."""
        self._last_word = ""
        for topic in topics:
            self.publish(topic, b"", wait=True)

    # Called by paho's thread. Its versions give different arguments after the first three.

    def _on_connect(
        self,
        client: Any,  # noqa: ANN401 - both versions of paho have no common type
        _data: object,
        _flags: object,
        reason: Any,  # noqa: ANN401
        *_: object,
    ) -> None:
        if reason != 0:
            self._fail(f"it refuses the connection: {_text(reason)}")
            return
        self._up.set()
        if self._failed:
            self._failed = False
            emit(Event.OUTLET_BACK, f"the broker {self._where} is connected", outlet="mqtt")
        client.subscribe([(topic, 1) for topic in (BIRTH, *self._topics.commands)])
        self.publish(self._topics.availability, "online")
        self._connected()

    def _on_message(self, _client: object, _data: object, message: Any) -> None:  # noqa: ANN401
        if message.topic == BIRTH and message.payload == b"online":
            self._connected()
        # A command that the broker has kept is not one of now.
        elif message.topic in self._topics.commands and not message.retain:
            self._command(message.topic, bytes(message.payload))

    def _lose(self) -> None:
        if self._up.is_set():
            self._fail("the connection has broken off")
        self._up.clear()

    def _fail(self, reason: str) -> None:
        if self._failed:
            return
        self._failed = True
        text = f"the broker {self._where} is told nothing for now: {reason}"
        emit(Event.OUTLET_FAILED, text, level=logging.WARNING, outlet="mqtt", reason=reason)


def _client(name: str) -> Any:  # noqa: ANN401 - the library may be missing
    try:
        from paho.mqtt import client as paho  # noqa: PLC0415 - in this adapter only
    except ImportError as error:
        remedy = "apt install python3-paho-mqtt"
        raise AnoncamError("paho-mqtt is not installed", remedy) from error
    if hasattr(paho, "CallbackAPIVersion"):
        return paho.Client(paho.CallbackAPIVersion.VERSION2, client_id=name)
    return paho.Client(client_id=name)


def _text(reason: object) -> str:
    """What a broker says: a number in version 1 of paho, an object in version 2."""
    if not isinstance(reason, int):
        return str(reason)
    from paho.mqtt.client import connack_string  # noqa: PLC0415 - in this adapter only

    return str(connack_string(reason))
