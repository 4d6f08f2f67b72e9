"""The clients of the control socket: how many there may be, and for how long each may stay."""

import socket
import struct
from collections.abc import Iterator
from dataclasses import dataclass

MOST = 32
"""Clients that may be connected at once."""

MOST_PER_USER = 8
"""Clients of one user that may be connected at once."""

REQUEST_TIMEOUT = 2.0
"""Seconds that a client may take from its connection to the end of its request."""

ANSWER_TIMEOUT = 5.0
"""Seconds that a client may take to read its answer."""

_CREDENTIALS = struct.Struct("3i")
"""Process, user and group of the other side (unix(7), SO_PEERCRED)."""


@dataclass(eq=False)
class Client:
    """A connected client.

    `user` is its uid; it is `trusted` if it came by the socket of root and the daemon's user.
    `deadline` (monotonic, in seconds) is when it is dropped: None while the daemon owes it an
    answer.
    """

    channel: socket.socket
    user: int
    trusted: bool
    deadline: float | None
    request: bytes = b""
    answer: memoryview | None = None

    @property
    def peer(self) -> tuple[int, bool]:
        """Whose clients are counted together."""
        return self.user, self.trusted

    @property
    def is_idle(self) -> bool:
        """Whether it has not made a request."""
        return b"\n" not in self.request


class Clients:
    """Admits clients so that no user can keep the others out.

    A user with too many clients loses the oldest idle one. With too many clients in all, the oldest
    idle one goes, whoever it belongs to. A trusted client always gets in, even in place of one that
    waits for its answer, and never has to go for one that is not trusted.
    """

    def __init__(self) -> None:
        self._clients: list[Client] = []

    def __iter__(self) -> Iterator[Client]:
        return iter(tuple(self._clients))

    def __contains__(self, client: object) -> bool:
        return client in self._clients

    def add(self, client: Client) -> Client | None:
        """Admit a client, and return the one that goes for it: another one, itself or None."""
        own = [each for each in self._clients if each.peer == client.peer]
        candidates: list[Client] = []
        if len(own) >= MOST_PER_USER:
            candidates = own
        elif len(self._clients) >= MOST:
            candidates = [each for each in self._clients if not each.trusted]
        else:
            self._clients.append(client)
            return None
        idle = [each for each in candidates if each.is_idle]
        if not idle and not client.trusted:
            return client
        gone = (idle or candidates)[0]
        self.remove(gone)
        self._clients.append(client)
        return gone

    def remove(self, client: Client) -> None:
        """Forget a client."""
        self._clients.remove(client)

    def expired(self, now: float) -> list[Client]:
        """The clients whose deadline has passed."""
        return [each for each in self if each.deadline is not None and each.deadline <= now]

    def next_deadline(self) -> float | None:
        """The earliest deadline; None if no client has one."""
        return min((each.deadline for each in self if each.deadline is not None), default=None)


def user_of(channel: socket.socket) -> int:
    """The uid of the process at the other side."""
    given = channel.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, _CREDENTIALS.size)
    user: int = _CREDENTIALS.unpack(given)[1]
    return user
