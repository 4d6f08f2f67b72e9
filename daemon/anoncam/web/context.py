"""What all handlers of the page share."""

import asyncio
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from aiohttp import web

from anoncam.clock import Clock
from anoncam.feed.login_limit import LoginLimit
from anoncam.web.cameras import Cameras
from anoncam.web.live import Live
from anoncam.web.sessions import Session, Sessions

COOKIE = "anoncam"
CSRF_HEADER = "X-CSRF-Token"


@dataclass
class Context:
    """`folder` holds passwords and certificate; `hashing` lets one password be tried at a time."""

    folder: Path
    clock: Clock
    sessions: Sessions
    limit: LoginLimit
    cameras: Cameras
    hashing: asyncio.Semaphore = field(default_factory=lambda: asyncio.Semaphore(1))


# aiohttp 3.8, which bookworm has, takes names alone. Later ones warn of them.
CONTEXT: Any = web.AppKey("context", Context) if hasattr(web, "AppKey") else "context"
SESSION: Any = web.RequestKey("session", Session) if hasattr(web, "RequestKey") else "session"


def context(request: web.Request) -> Context:
    """The context of the page."""
    shared: Context = request.app[CONTEXT]
    return shared


def live(request: web.Request) -> Live:
    """The camera that a request names, by ``?camera=NAME``; the first one without that.

    Raises:
        web.HTTPNotFound: there is none of that name.
    """
    found = context(request).cameras.find(request.query.get("camera"))
    if found is None:
        raise web.HTTPNotFound(text="there is no such camera")
    return found


def recordings_folder(request: web.Request) -> Path:
    """The folder of that camera's recordings, as its daemon last named it.

    Raises:
        web.HTTPNotFound: there is no such camera.
        web.HTTPServiceUnavailable: it has not named one yet.
    """
    recording = (live(request).last_status or {}).get("recording") or {}
    if not recording.get("folder"):
        raise web.HTTPServiceUnavailable(text="the daemon has not said where its recordings are")
    return Path(recording["folder"])


def session(request: web.Request) -> Session:
    """The session of a request that the guard has let through."""
    found: Session = request[SESSION]
    return found
