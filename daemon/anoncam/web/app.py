"""The application: which handler answers which address."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from importlib import resources

from aiohttp import web

from anoncam.web import live_handlers, login, recording_handlers
from anoncam.web.context import CONTEXT, Context
from anoncam.web.guard import Handler, add_headers, admin, guard

_TYPES = {
    "html": "text/html",
    "js": "text/javascript",
    "css": "text/css",
    "svg": "image/svg+xml",
}
_LARGEST_BODY = 60_000
"""Bytes: as part of a request to the daemon it must fit into a line of the feed."""


def make_app(shared: Context) -> web.Application:
    """The application over `shared`; it reads the feeds while it runs."""
    app = web.Application(middlewares=[guard], client_max_size=_LARGEST_BODY)
    app[CONTEXT] = shared
    app.on_response_prepare.append(add_headers)
    app.cleanup_ctx.append(_read_feeds)
    app.add_routes(
        [
            web.post("/login", login.log_in),
            web.post("/api/logout", login.log_out),
            web.get("/api/session", login.who),
            web.get("/api/cameras", live_handlers.list_cameras),
            web.get("/api/live", live_handlers.watch),
            web.get("/api/health", live_handlers.health),
            web.put("/api/zones", admin(live_handlers.set_zones)),
            web.get("/api/days", recording_handlers.list_days),
            web.get("/api/days/{day}", recording_handlers.list_segments),
            web.get("/api/recordings/{name}", recording_handlers.give_file),
            web.get("/api/recordings/{name}/fragments", recording_handlers.list_fragments),
            web.get("/api/recordings/{name}/verify", recording_handlers.verify),
            web.get("/api/recordings/{name}/download", recording_handlers.download),
        ]
    )
    for file in resources.files("anoncam.web").joinpath("static").iterdir():
        path = "/" if file.name == "index.html" else f"/{file.name}"
        app.router.add_get(path, _giving(file.read_bytes(), file.name.rpartition(".")[2]))
    return app


def _giving(content: bytes, ending: str) -> Handler:
    async def give(_request: web.Request) -> web.StreamResponse:
        return web.Response(body=content, content_type=_TYPES[ending], charset="utf-8")

    return give


async def _read_feeds(app: web.Application) -> AsyncIterator[None]:
    reading = asyncio.create_task(app[CONTEXT].cameras.run())
    yield
    reading.cancel()
    with contextlib.suppress(asyncio.CancelledError):
        await reading
