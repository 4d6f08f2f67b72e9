"""Who is logged in: sessions, in memory alone, so a restart ends them all."""

import hashlib
import secrets
from dataclasses import dataclass

from anoncam.clock import NANOSECONDS, Clock
from anoncam.web.passwords import Role

IDLE = 12 * 3600
"""Seconds without a request after which a session ends."""

LONGEST = 30 * 24 * 3600
"""Seconds after which it ends in any case."""

MOST = 100
"""Sessions of each role: who may only watch must not log out who may change something."""


@dataclass
class Session:
    """A browser that is logged in; `csrf` must come with each change, `at` are nanoseconds."""

    role: Role
    csrf: str
    began_at: int
    used_at: int


class Sessions:
    """Finds sessions by their token, of which only the hash is kept.

    >>> sessions = Sessions(SystemClock())
    >>> token = sessions.begin(Role.VIEWER)
    >>> sessions.find(token).role
    <Role.VIEWER: 'viewer'>
    """

    def __init__(self, clock: Clock) -> None:
        self._clock = clock
        self._sessions: dict[str, Session] = {}

    def begin(self, role: Role) -> str:
        """The token of a new session; the one used least recently goes for it if there are many."""
        self._expire()
        own = [key for key, each in self._sessions.items() if each.role is role]
        if len(own) >= MOST:
            del self._sessions[min(own, key=lambda key: self._sessions[key].used_at)]
        token, now = secrets.token_urlsafe(32), self._clock.monotonic()
        self._sessions[_key(token)] = Session(role, secrets.token_urlsafe(32), now, now)
        return token

    def find(self, token: str) -> Session | None:
        """The session of a token, which is used by that; None if it has ended."""
        self._expire()
        session = self._sessions.get(_key(token))
        if session is not None:
            session.used_at = self._clock.monotonic()
        return session

    def is_open(self, token: str) -> bool:
        """Whether the session of a token has not ended; this does not use it."""
        self._expire()
        return _key(token) in self._sessions

    def end(self, token: str) -> None:
        """Log out."""
        self._sessions.pop(_key(token), None)

    def _expire(self) -> None:
        now = self._clock.monotonic()
        self._sessions = {
            key: each
            for key, each in self._sessions.items()
            if now - each.used_at < IDLE * NANOSECONDS
            and now - each.began_at < LONGEST * NANOSECONDS
        }


def _key(token: str) -> str:
    return hashlib.sha256(token.encode(errors="surrogateescape")).hexdigest()
