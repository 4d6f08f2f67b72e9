"""The live picture and the health of the daemon, over the network."""

import asyncio
import contextlib
import json
import struct
from collections.abc import Mapping
from typing import Any

from aiohttp import WSMsgType, web

from anoncam.doctor import published
from anoncam.errors import NotRunningError
from anoncam.feed.protocol import Kind, Message
from anoncam.web.context import COOKIE, context, live, recordings_folder, session
from anoncam.web.live import Live, Viewer
from anoncam.web.passwords import Role
from anoncam.web.recordings import disk_use

SESSION_CHECK = 5.0
"""Seconds between two looks at whether a browser that watches is still logged in."""

MOST_VIEWERS = 16
_KEPT_FOR_ADMINS = 4

_HEADER = struct.Struct(">I")
_SHOWN = frozenset({Kind.FRAGMENT, Kind.PICTURE})


async def watch(request: web.Request) -> web.StreamResponse:
    """Send status, events and footage by a WebSocket, as long as the session lasts.

    Each message is the length of a header (32 bits), the header in JSON, and a payload.
    """
    source = live(request)
    kind = request.query.get("footage", Kind.FRAGMENT)
    if kind not in _SHOWN:
        raise web.HTTPBadRequest(text="there is no such footage")
    kept = 0 if session(request).role is Role.ADMIN else _KEPT_FOR_ADMINS
    if context(request).cameras.viewers >= MOST_VIEWERS - kept:
        raise web.HTTPServiceUnavailable(text="too many are watching")
    viewer = Viewer(Kind(kind))
    # Counted before anything is awaited, so that many at once are not let in.
    source.add(viewer)
    try:
        return await _serve(request, source, viewer)
    finally:
        source.remove(viewer)


async def _serve(request: web.Request, source: Live, viewer: Viewer) -> web.StreamResponse:
    socket = web.WebSocketResponse(heartbeat=20, max_msg_size=1024, compress=False)
    await socket.prepare(request)
    status = Message(Kind.STATUS, {"status": source.status})
    await socket.send_bytes(_packed(status))
    tasks = [
        asyncio.create_task(each)
        for each in (_send(socket, viewer), _until_closed(socket), _until_logged_out(request))
    ]
    try:
        await asyncio.wait(tasks, return_when=asyncio.FIRST_COMPLETED)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await socket.close(code=1000 if _is_logged_in(request) else 4001)
    return socket


async def list_cameras(request: web.Request) -> web.StreamResponse:
    """The cameras of this machine, each with what it does, in a word or two."""
    cameras = context(request).cameras.expected()
    return web.json_response(
        [{"name": name, "state": _state(each.status)} for name, each in cameras.items()]
    )


async def health(request: web.Request) -> web.StreamResponse:
    """What is known of the health of the daemon and its machine.

    The newest status, the last events, the points of the plots, the use of the disk, and what
    `anoncam doctor` has found.
    """
    source = live(request)
    try:
        disk = await asyncio.to_thread(disk_use, recordings_folder(request))
    except (OSError, web.HTTPServiceUnavailable):
        disk = None
    return web.json_response(
        {
            "status": source.status,
            "events": list(source.events),
            "history": source.history.points(),
            "disk": disk,
            "doctor": await asyncio.to_thread(published.read, source.folder),
        }
    )


async def set_zones(request: web.Request) -> web.StreamResponse:
    """Have the daemon cover these zones beside those of its configuration."""
    try:
        body = json.loads(await request.read())
        zones = body["zones"]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise web.HTTPBadRequest(text="there are no zones") from error
    try:
        answer = await live(request).request({"zones": zones}, 10)
    except NotRunningError as error:
        raise web.HTTPServiceUnavailable(text=str(error)) from error
    if answer.get("problem"):
        raise web.HTTPUnprocessableEntity(text=str(answer["problem"]))
    return web.json_response({"zones": answer["zones"]})


def _state(status: Mapping[str, Any] | None) -> str:
    recording = (status or {}).get("recording") or {}
    if not status or status["state"] != "recording" or recording.get("state") != "working":
        return "not recording"
    return "veiled" if status["counts"]["veil"] else "recording"


async def _send(socket: web.WebSocketResponse, viewer: Viewer) -> None:
    with contextlib.suppress(ConnectionError):
        while True:
            await socket.send_bytes(_packed(await viewer.queue.get()))


async def _until_closed(socket: web.WebSocketResponse) -> None:
    async for message in socket:
        if message.type is WSMsgType.ERROR:
            return


async def _until_logged_out(request: web.Request) -> None:
    while _is_logged_in(request):
        await asyncio.sleep(SESSION_CHECK)


def _is_logged_in(request: web.Request) -> bool:
    return context(request).sessions.is_open(request.cookies.get(COOKIE, ""))


def _packed(message: Message) -> bytes:
    header = json.dumps({"kind": message.kind, **message.facts}).encode()
    return _HEADER.pack(len(header)) + header + message.payload
