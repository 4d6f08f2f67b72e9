"""A real Mosquitto on this machine, and a client that hears everything."""

import contextlib
import json
import subprocess
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as paho
from paho.mqtt.enums import CallbackAPIVersion

from tests.support.programs import free_port, serving

USER, PASSWORD = "camera", "garden-gate"


class Mosquitto:
    """A broker with one user; with `tls`, it speaks TLS alone, with the certificate in `folder`."""

    def __init__(self, folder: Path, *, tls: bool = False) -> None:
        self.port = free_port()
        self.authority = folder / "authority.pem"
        self._folder = folder
        folder.mkdir(exist_ok=True)
        folder.chmod(0o755)
        passwords = folder / "passwords"
        subprocess.run(["mosquitto_passwd", "-b", "-c", passwords, USER, PASSWORD], check=True)
        passwords.chmod(0o644)
        lines = [
            f"listener {self.port} 127.0.0.1",
            "allow_anonymous false",
            f"password_file {passwords}",
            "user root",
        ]
        if tls:
            key = folder / "key.pem"
            subprocess.run(
                [
                    *["openssl", "req", "-x509", "-newkey", "rsa:2048", "-nodes", "-days", "2"],
                    *["-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost"],
                    *("-keyout", key, "-out", self.authority),
                ],
                check=True,
                capture_output=True,
            )
            lines += [f"certfile {self.authority}", f"keyfile {key}"]
        self._config = folder / "mosquitto.conf"
        self._config.write_text("\n".join(lines) + "\n")

    @contextlib.contextmanager
    def up(self) -> Iterator["Mosquitto"]:
        """Run the broker until the end of the block; what it has retained is lost then."""
        with serving(["mosquitto", "-c", self._config], self.port):
            yield self

    @contextlib.contextmanager
    def listener(self) -> Iterator["Listener"]:
        """A client that hears everything, from now until the end of the block."""
        client = paho.Client(CallbackAPIVersion.VERSION2)
        client.username_pw_set(USER, PASSWORD)
        if self.authority.exists():
            client.tls_set(str(self.authority))
        heard = Listener(client)
        client.connect("localhost", self.port)
        client.loop_start()
        heard.subscribed.wait(30)
        try:
            yield heard
        finally:
            client.disconnect()
            client.loop_stop()


class Listener:
    """All messages that came; a test can wait for one."""

    def __init__(self, client: paho.Client) -> None:
        self.subscribed = threading.Event()
        self._client = client
        self._messages: list[paho.MQTTMessage] = []
        self._arrived = threading.Condition()
        client.on_connect = self._subscribe
        client.on_subscribe = lambda *_: self.subscribed.set()
        client.on_message = lambda _client, _data, message: self._take(message)

    def _subscribe(self, client: paho.Client, *_: object) -> None:
        client.subscribe("#", 1)

    def _take(self, message: paho.MQTTMessage) -> None:
        with self._arrived:
            self._messages.append(message)
            self._arrived.notify_all()

    def of(self, topic: str) -> list[paho.MQTTMessage]:
        """The messages of a topic so far."""
        with self._arrived:
            return [message for message in self._messages if message.topic == topic]

    def wait_for(self, topic: str, is_it: Callable[[bytes], bool] = bool) -> bytes:
        """Wait for a message of that topic; its content."""

        def found() -> list[paho.MQTTMessage]:
            return [each for each in self.of(topic) if is_it(bytes(each.payload))]

        with self._arrived:
            came = self._arrived.wait_for(found, 60)
        assert came, f"{topic} did not come; there were {[each.topic for each in self._messages]}"
        return bytes(found()[-1].payload)

    def wait_for_json(self, topic: str, **values: object) -> dict[str, Any]:
        """Wait for a message in JSON with these values."""

        def is_it(payload: bytes) -> bool:
            return bool(payload) and values.items() <= json.loads(payload).items()

        content: dict[str, Any] = json.loads(self.wait_for(topic, is_it))
        return content

    def forget(self) -> None:
        """Go on as if nothing had come."""
        with self._arrived:
            self._messages.clear()

    def say(self, topic: str, content: str, *, retain: bool = False) -> None:
        """Publish something, as Home Assistant does."""
        self._client.publish(topic, content, qos=1, retain=retain).wait_for_publish(30)
