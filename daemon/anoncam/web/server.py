"""Runs the web page: by TLS for the network, else for this machine alone."""

import logging
import ssl
from pathlib import Path

from aiohttp import web

from anoncam.clock import SystemClock
from anoncam.errors import InputError, StorageError
from anoncam.events.throttle import ThrottledLog
from anoncam.feed.login_limit import LoginLimit
from anoncam.web import passwords
from anoncam.web.app import make_app
from anoncam.web.cameras import Cameras
from anoncam.web.certificate import CERTIFICATE, KEY
from anoncam.web.context import Context
from anoncam.web.sessions import Sessions

PORT = 8443

_LOCALHOST = ["127.0.0.1", "::1"]


def make_context(runtime: Path, folder: Path) -> Context:
    """The context of a page for the daemon of a runtime folder, and those beside it."""
    clock = SystemClock()
    return Context(folder, clock, Sessions(clock), LoginLimit(clock), Cameras(runtime, clock))


def serve(runtime: Path, folder: Path, port: int) -> None:
    """Serve the page until SIGTERM or SIGINT.

    The network reaches it when there is a password, and a certificate that protects it.

    Raises:
        InputError: certificate or key cannot be used.
        StorageError: the port is taken.
    """
    encryption = _encryption(folder)
    open_to_all = encryption is not None and bool(passwords.read(folder))
    logger = logging.getLogger(__name__)
    if open_to_all:
        logger.info("the page is at https://, port %d, on all addresses", port)
    else:
        scheme = "http" if encryption is None else "https"
        text = "the page is at %s://localhost:%d, for this machine alone: set both a password"
        logger.info(text + " and a certificate to open it", scheme, port)
    for name in ("aiohttp.server", "asyncio"):
        # Strangers have lines logged by what they send.
        logging.getLogger(name).addFilter(ThrottledLog(SystemClock()))
    try:
        web.run_app(
            make_app(make_context(runtime, folder)),
            host=None if open_to_all else _LOCALHOST,
            port=port,
            ssl_context=encryption,
            access_log=None,
            print=lambda *_: None,
        )
    except OSError as error:
        raise StorageError(
            f"the page cannot listen on port {port}: {error.strerror}", "choose another by --port"
        ) from error


def _encryption(folder: Path) -> ssl.SSLContext | None:
    """TLS with the certificate in `folder`; None if there is none."""
    certificate, key = folder / CERTIFICATE, folder / KEY
    if not certificate.exists():
        return None
    encryption = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    encryption.minimum_version = ssl.TLSVersion.TLSv1_2
    try:
        encryption.load_cert_chain(certificate, key)
    except OSError as error:
        raise InputError(
            f"{certificate} or its key cannot be used: {error}", "run anoncam web certificate"
        ) from error
    return encryption
