"""The log-in of readers: GStreamer's, with a limit of how often it may be tried."""

import functools
import logging
from typing import Any

from anoncam.feed.login_limit import LoginLimit
from anoncam.rtsp.gstreamer import gstreamer


@functools.cache
def login_class() -> Any:  # noqa: ANN401 - the bindings have no types
    """A subclass of RTSPAuth, made with a `LoginLimit`.

    It is made once, since GStreamer keeps each class for good.

    Raises:
        AnoncamError: GStreamer is missing.
    """
    library = gstreamer()
    base, header = library.GstRtspServer.RTSPAuth, library.GstRtsp.RTSPHeaderField.AUTHORIZATION
    success = library.GstRtsp.RTSPResult.OK

    class Login(base):  # type: ignore[misc, valid-type]
        """Refuses an address while it has to wait, also with the right password."""

        def __init__(self, limit: LoginLimit) -> None:
            super().__init__()
            self._limit = limit

        def do_authenticate(self, context: Any) -> bool:  # noqa: ANN401
            """Set the token of the request if its password is right; without one it is refused."""
            address = context.client.get_connection().get_ip()
            if self._limit.wait(address):
                return True
            done: bool = base.do_authenticate(self, context)
            # Each connection begins with a request without a password, to be asked for it.
            if context.token is not None:
                self._limit.succeed(address)
            elif context.request.get_header(header, 0)[0] == success:
                self._limit.fail(address)
                text = "a wrong user or password came from %s"
                logging.getLogger(__name__).warning(text, address)
            return done

    return Login
