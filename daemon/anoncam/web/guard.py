"""What every request must pass: log-in, origin and token; and the headers of every answer."""

from collections.abc import Awaitable, Callable

from aiohttp import web

from anoncam.web.context import COOKIE, CSRF_HEADER, SESSION, context, session
from anoncam.web.passwords import Role

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]

OPEN = frozenset({"/login", "/login.html", "/login.js", "/style.css", "/icon.svg"})
"""What can be had without a session."""

HEADERS = {
    "Content-Security-Policy": (
        "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' blob:; "
        "media-src 'self' blob:; connect-src 'self'; form-action 'self'; "
        "frame-ancestors 'none'; base-uri 'none'"
    ),
    "X-Content-Type-Options": "nosniff",
    "X-Frame-Options": "DENY",
    "Referrer-Policy": "no-referrer",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=()",
    "Cache-Control": "no-store",
}
_CHANGING = frozenset({"POST", "PUT", "PATCH", "DELETE"})


@web.middleware
async def guard(request: web.Request, handler: Handler) -> web.StreamResponse:
    """Let a request through that may pass."""
    try:
        return await _pass(request, handler)
    except web.RequestPayloadError as error:
        raise web.HTTPBadRequest(text="this is not encoded as it says") from error


async def _pass(request: web.Request, handler: Handler) -> web.StreamResponse:
    if request.method in _CHANGING or request.headers.get("Upgrade"):
        _check_origin(request)
    if request.path in OPEN:
        return await handler(request)
    found = context(request).sessions.find(request.cookies.get(COOKIE, ""))
    if found is None:
        if request.method == "GET" and request.path in {"/", "/index.html"}:
            raise web.HTTPSeeOther("/login.html")
        raise web.HTTPUnauthorized(text="log in")
    if request.method in _CHANGING and request.headers.get(CSRF_HEADER) != found.csrf:
        raise web.HTTPForbidden(text="the token of this page is missing")
    request[SESSION] = found
    return await handler(request)


def admin(handler: Handler) -> Handler:
    """A handler for those who may change something."""

    async def checked(request: web.Request) -> web.StreamResponse:
        if session(request).role is not Role.ADMIN:
            raise web.HTTPForbidden(text="this password may watch, and change nothing")
        return await handler(request)

    return checked


async def add_headers(_request: web.Request, response: web.StreamResponse) -> None:
    """Add the headers of every answer."""
    response.headers.update(HEADERS)
    response.headers.pop("Server", None)


def _check_origin(request: web.Request) -> None:
    """Refuse what another site has caused."""
    origin = request.headers.get("Origin", "")
    if origin.partition("://")[2] != request.host:
        raise web.HTTPForbidden(text="this comes from another site")
