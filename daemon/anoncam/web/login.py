"""Log-in, log-out, and who one is."""

import asyncio
import json
import logging

from aiohttp import web

from anoncam.errors import InputError
from anoncam.web.context import COOKIE, context, session
from anoncam.web.passwords import LONGEST, Role, read, role_of


async def log_in(request: web.Request) -> web.StreamResponse:
    """Begin a session for a password; the answer does not say why there is none."""
    shared, address = context(request), request.remote or ""
    try:
        body = json.loads(await request.read())
        password = str(body["password"])[: LONGEST + 1]
    except (ValueError, KeyError, TypeError, RecursionError) as error:
        raise web.HTTPBadRequest(text="there is no password") from error
    async with shared.hashing:
        wait = shared.limit.wait(address)
        if wait:
            raise web.HTTPTooManyRequests(
                text=f"too many wrong passwords: wait {wait} s", headers={"Retry-After": str(wait)}
            )
        try:
            hashes = await asyncio.to_thread(read, shared.folder)
        except InputError as error:
            logging.getLogger(__name__).warning("%s", error)
            raise web.HTTPServiceUnavailable(text="the passwords cannot be read") from error
        if not hashes:
            raise web.HTTPServiceUnavailable(
                text="no password is set: run sudo anoncam web password on the device"
            )
        role = await asyncio.to_thread(role_of, password, hashes)
        if role is None:
            shared.limit.fail(address)
            logging.getLogger(__name__).warning("a wrong password came from %s", address)
            raise web.HTTPUnauthorized(text="this password is wrong")
        # Who may only watch could guess on for ever, by a log-in between the guesses.
        if role is Role.ADMIN:
            shared.limit.succeed(address)
    response = web.json_response({"role": role})
    token = shared.sessions.begin(role)
    response.set_cookie(COOKIE, token, httponly=True, secure=True, samesite="Strict", path="/")
    return response


async def log_out(request: web.Request) -> web.StreamResponse:
    """End the session."""
    context(request).sessions.end(request.cookies.get(COOKIE, ""))
    response = web.json_response({})
    response.del_cookie(COOKIE, path="/")
    return response


async def who(request: web.Request) -> web.StreamResponse:
    """The role of the session, and the token that changes need."""
    return web.json_response({"role": session(request).role, "csrf": session(request).csrf})
