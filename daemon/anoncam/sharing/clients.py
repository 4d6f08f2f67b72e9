"""All connections to the detector service: who may have one, what comes by them, who is dropped."""

import contextlib
import logging
import selectors
import socket
import time
from collections.abc import Callable

from anoncam.clock import SystemClock
from anoncam.detectors.detector import DetectionResult
from anoncam.detectors.process.messages import MOST_SLOTS, Ready, Request
from anoncam.errors import AnoncamError, DetectorError
from anoncam.events.throttle import Throttle
from anoncam.sharing.client import Client
from anoncam.sharing.turns import Turns

MOST = 32
"""Clients that may be connected at once."""

MOST_PER_PROCESS = 4
"""Of those, the clients of one process. A daemon has two while it changes its detector."""

MEMORY_TIMEOUT = 10.0
"""Seconds after which a client is dropped that has not sent the memory of its pictures."""

_FULL = Ready.failed(DetectorError("the detector service has as many connections as it may have"))


class Clients:
    """Takes requests of all clients, and drops the one that breaks a rule, and no other.

    `listener` is a socket that listens, of the type SOCK_SEQPACKET.
    """

    def __init__(
        self, listener: socket.socket, monotonic: Callable[[], float] = time.monotonic
    ) -> None:
        listener.setblocking(False)
        self._listener = listener
        self._monotonic = monotonic
        self._ready = Ready()
        self._turns = Turns[Client, Request]()
        self._clients: set[Client] = set()
        self._throttle = Throttle(SystemClock())
        self._selector = selectors.DefaultSelector()
        self._selector.register(listener, selectors.EVENT_READ)

    def __len__(self) -> int:
        return len(self._clients)

    def greet_with(self, ready: Ready) -> None:
        """Tell all clients from now on that this detector is ready."""
        self._ready = ready

    def hear(self, timeout: float) -> None:
        """Accept a client, and read what all have sent; wait for it up to `timeout` seconds.

        It does not wait if somebody has a turn already.
        """
        for key, _ in self._selector.select(0 if self._turns else timeout):
            if key.fileobj is self._listener:
                self._accept()
            else:
                self._read(key.data)
        late = self._monotonic() - MEMORY_TIMEOUT
        for client in [each for each in self._clients if not each.has_memory]:
            if client.since < late:
                self._drop(client, f"has sent no memory for {MEMORY_TIMEOUT:.0f} s")

    def next(self) -> tuple[Client, Request] | None:
        """Whose request comes next; None if nobody waits."""
        return self._turns.next()

    def reply(self, client: Client, request: Request, result: DetectionResult) -> None:
        """Send a client its result; one that does not take it is dropped."""
        try:
            client.reply(request, result)
        except OSError as error:
            self._drop(client, "takes no results" if isinstance(error, BlockingIOError) else "")

    def refuse(self, error: Exception) -> None:
        """Tell all that wait for a connection why there is no detector."""
        # Nobody waits any more, or there are no free descriptors.
        with contextlib.suppress(OSError):
            for _ in range(MOST):
                channel, _ = self._listener.accept()
                with channel, contextlib.suppress(OSError):
                    channel.setblocking(False)
                    channel.send(Ready.failed(error).encode())

    def drop_all(self) -> None:
        """End all connections."""
        for client in tuple(self._clients):
            self._drop(client, "")

    def close(self) -> None:
        """End all connections, and listen no longer."""
        self.drop_all()
        self._selector.close()
        self._listener.close()

    def _accept(self) -> None:
        try:
            channel, _ = self._listener.accept()
        except OSError:
            # It has gone already, or there are no free descriptors.
            return
        client = Client(channel, self._monotonic())
        own = sum(each.process == client.process for each in self._clients)
        if own >= MOST_PER_PROCESS or len(self._clients) >= MOST:
            with contextlib.suppress(OSError):
                client.greet(_FULL)
            client.close()
            return
        self._clients.add(client)
        self._selector.register(channel, selectors.EVENT_READ, client)
        with contextlib.suppress(OSError):
            client.greet(self._ready)

    def _read(self, client: Client) -> None:
        input_size = self._ready.input_width, self._ready.input_height
        try:
            # One more than it may: so a flood ends when it begins.
            for _ in range(MOST_SLOTS + 1):
                request = client.read(input_size)
                if request is None:
                    continue
                if self._turns.count(client) == client.slots:
                    raise DetectorError("more requests than it has pictures")
                self._turns.wait(client, request)
        except ConnectionError:
            self._drop(client, "")
        except AnoncamError as error:
            self._drop(client, f"has sent what no client may: {error}")

    def _drop(self, client: Client, why: str) -> None:
        """Drop a client; `why` is empty for one that has gone by itself."""
        self._clients.discard(client)
        self._turns.remove(client)
        self._selector.unregister(client.channel)
        client.close()
        if why and self._throttle.admit("client-dropped")[0]:
            text = "a client of the detector (process %d) is dropped: it %s"
            logging.getLogger(__name__).warning(text, client.process, why)
