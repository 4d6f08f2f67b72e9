"""The daemon's side of the control socket: gives snapshots, and shows that the daemon lives.

A client sends the line `snapshot`. The answer is a line of JSON, {"size": bytes, "veil": reason} or
{"error": text}, and the JPEG after it. A client that sends nothing only wants to know whether there
is a daemon.
"""

import contextlib
import functools
import json
import os
import queue
import selectors
import socket
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from anoncam.events.redaction import redact
from anoncam.service import control_clients
from anoncam.service.control_clients import Client, Clients, user_of
from anoncam.service.control_socket import NAME, OWNER_NAME, socket_address
from anoncam.service.snapshots import Snapshots

FRAME_TIMEOUT = 5.0
"""Seconds that a client waits for the next frame."""

LONGEST_REQUEST = 64
"""Bytes."""

_REQUEST = b"snapshot"
_BACKLOG = 128
_CLOSE_TIMEOUT = 1.0

_ACCEPTED_AT_ONCE = 16
_PAUSE = 0.05
"""Seconds without a new client after so many at once: a flood must not cost the recording time."""


@dataclass(frozen=True)
class Now:
    """What the daemon does now; `waiting` is why there are no frames (empty if there are)."""

    waiting: str
    veil: str


class ControlServer:
    """Serves all clients from one thread, and makes snapshots in another one.

    Clients that ask while a snapshot is made share the next one.

    Raises:
        OSError: the socket cannot be made in `folder`.
    """

    def __init__(self, folder: Path, snapshots: Snapshots, now: Callable[[], Now]) -> None:
        self._snapshots = snapshots
        self._now = now
        self._clients = Clients()
        self._wanted: queue.SimpleQueue[Client | None] = queue.SimpleQueue()
        self._answers: queue.SimpleQueue[tuple[list[Client], bytes]] = queue.SimpleQueue()
        self._closing = False
        folder.mkdir(parents=True, exist_ok=True)
        # To connect takes the right to write; the folder decides who gets this far.
        self._paths = (folder / OWNER_NAME, folder / NAME)
        self._sockets: list[socket.socket] = []
        try:
            for path, mode in zip(self._paths, (0o600, 0o660), strict=True):
                self._sockets.append(_listen(path, mode))
        except OSError:
            self._close_sockets()
            raise
        self._wake = os.eventfd(0, os.EFD_NONBLOCK | os.EFD_CLOEXEC)
        self._selector = selectors.DefaultSelector()
        for listener, trusted in zip(self._sockets, (True, False), strict=True):
            accept = functools.partial(self._accept, listener, trusted=trusted)
            self._selector.register(listener, selectors.EVENT_READ, accept)
        self._selector.register(self._wake, selectors.EVENT_READ, self._deliver)
        self._thread = threading.Thread(target=self._run, name="control", daemon=True)
        self._taker = threading.Thread(target=self._take_snapshots, name="snapshots", daemon=True)
        self._thread.start()
        self._taker.start()

    def close(self) -> None:
        """Take the socket away and drop all clients; idempotent."""
        if self._closing:
            return
        self._closing = True
        for path in self._paths:
            path.unlink(missing_ok=True)
        self._wanted.put(None)
        os.eventfd_write(self._wake, 1)
        self._thread.join(_CLOSE_TIMEOUT)

    # The thread that serves.

    def _run(self) -> None:
        while not self._closing:
            deadline = self._clients.next_deadline()
            wait = None if deadline is None else max(0.0, deadline - time.monotonic())
            for key, _ in self._selector.select(wait):
                if isinstance(key.data, Client):
                    self._serve(key.data)
                else:
                    key.data()
            for client in self._clients.expired(time.monotonic()):
                self._drop(client)
        for client in self._clients:
            self._drop(client)
        self._selector.close()
        self._close_sockets()

    def _close_sockets(self) -> None:
        for listener in self._sockets:
            listener.close()

    def _accept(self, listener: socket.socket, *, trusted: bool) -> None:
        for _ in range(_ACCEPTED_AT_ONCE):
            try:
                channel, _ = listener.accept()
            except BlockingIOError:
                return
            except OSError:
                # Without a free descriptor, or with a client that has gone already.
                break
            channel.setblocking(False)
            deadline = time.monotonic() + control_clients.REQUEST_TIMEOUT
            client = Client(channel, user_of(channel), trusted, deadline)
            gone = self._clients.add(client)
            if gone is not client:
                self._selector.register(channel, selectors.EVENT_READ, client)
            if gone is not None:
                self._let_go(gone)
        time.sleep(_PAUSE)

    def _serve(self, client: Client) -> None:
        if client not in self._clients:
            # It had to go for another client that came with the same wait.
            return
        try:
            stays = self._receive(client) if client.answer is None else self._send(client)
        except BlockingIOError:
            return
        except OSError:
            stays = False
        if not stays:
            self._drop(client)

    def _receive(self, client: Client) -> bool:
        """Read more of a request; whether the client stays."""
        received = client.channel.recv(LONGEST_REQUEST)
        client.request += received
        if client.is_idle:
            return bool(received) and len(client.request) < LONGEST_REQUEST
        if client.request.partition(b"\n")[0].strip() != _REQUEST:
            return False
        client.deadline = None
        self._selector.unregister(client.channel)
        self._wanted.put(client)
        return True

    def _send(self, client: Client) -> bool:
        """Send more of an answer; whether the client stays, since some is left."""
        assert client.answer is not None  # noqa: S101 - only then is it called
        client.answer = client.answer[client.channel.send(client.answer) :]
        return bool(client.answer)

    def _deliver(self) -> None:
        """Begin to send the answers that are ready."""
        with contextlib.suppress(BlockingIOError):
            os.eventfd_read(self._wake)
        while not self._answers.empty():
            clients, answer = self._answers.get()
            for client in clients:
                if client in self._clients:
                    client.answer = memoryview(answer)
                    client.deadline = time.monotonic() + control_clients.ANSWER_TIMEOUT
                    self._selector.register(client.channel, selectors.EVENT_WRITE, client)

    def _drop(self, client: Client) -> None:
        self._clients.remove(client)
        self._let_go(client)

    def _let_go(self, client: Client) -> None:
        with contextlib.suppress(KeyError):
            self._selector.unregister(client.channel)
        client.channel.close()

    # The thread that makes snapshots.

    def _take_snapshots(self) -> None:
        while (client := self._wanted.get()) is not None:
            clients = [client]
            while not self._wanted.empty():
                other = self._wanted.get()
                if other is None:
                    return
                clients.append(other)
            self._answers.put((clients, self._answer()))
            os.eventfd_write(self._wake, 1)

    def _answer(self) -> bytes:
        now = self._now()
        snapshot = None if now.waiting else self._snapshots.take(FRAME_TIMEOUT)
        if snapshot is None:
            text = now.waiting or f"no frame was recorded within {FRAME_TIMEOUT:g} s"
            return _line({"error": redact(text)})
        if snapshot.problem:
            return _line({"error": redact(snapshot.problem)})
        facts = {"size": len(snapshot.jpeg), "veil": redact(self._now().veil)}
        return _line(facts) + snapshot.jpeg


def _listen(path: Path, mode: int) -> socket.socket:
    listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM | socket.SOCK_NONBLOCK)
    try:
        # Whoever holds the state folder may replace a socket that a crash has left.
        path.unlink(missing_ok=True)
        with socket_address(path) as address:
            listener.bind(address)
        path.chmod(mode)
        listener.listen(_BACKLOG)
    except OSError:
        listener.close()
        raise
    return listener


def _line(facts: dict[str, object]) -> bytes:
    return json.dumps(facts).encode() + b"\n"
