"""Serves the picture to many readers: by GStreamer's RTSP server, without a second encoding."""

from pathlib import Path
from typing import Any

from anoncam.clock import SystemClock
from anoncam.config.schema import RtspSettings
from anoncam.errors import AnoncamError
from anoncam.feed.login_limit import LoginLimit
from anoncam.rtsp.gstreamer import SOURCE, feed_source, gstreamer
from anoncam.rtsp.login import login_class
from anoncam.rtsp.packets import Packets

PATH = "/live"

MOST_SESSIONS = 32
_CLEANUP = 10
"""Seconds between two looks for sessions that have ended without a word."""

_ROLE = "reader"


class Server:
    """Serves ``rtsp://…:port/live`` to readers that log in by Digest; the feed is in `folder`.

    An address from which many wrong passwords have come has to wait, as `LoginLimit` says.
    The feed is read only while somebody watches. A reader that does not read loses packets, and
    delays nobody.

    Raises:
        AnoncamError: GStreamer is missing, or the port is in use.
    """

    def __init__(self, folder: Path, settings: RtspSettings, password: str) -> None:
        self._folder = folder
        library = gstreamer()
        self._glib, rtsp, self._library = library.GLib, library.GstRtsp, library.GstRtspServer
        server = self._server = self._library.RTSPServer.new()
        server.set_service(str(settings.port))
        server.set_auth(self._auth(rtsp.RTSPAuthMethod.DIGEST, settings.user, password))
        server.get_mount_points().add_factory(PATH, self._factory(rtsp.RTSPLowerTrans))
        pool = server.get_session_pool()
        pool.set_max_sessions(MOST_SESSIONS)
        self._timer = self._glib.timeout_add_seconds(_CLEANUP, lambda: pool.cleanup() is not None)
        self._attached = server.attach(None)
        if not self._attached:
            self._glib.source_remove(self._timer)
            raise AnoncamError(
                f"port {settings.port} cannot be listened on", "choose another rtsp.port"
            )

    def close(self) -> None:
        """Disconnect all readers and stop to listen."""
        self._glib.source_remove(self._timer)
        self._glib.source_remove(self._attached)
        self._server.client_filter(lambda *_: self._library.RTSPFilterResult.REMOVE)

    def _auth(self, method: object, user: str, password: str) -> Any:  # noqa: ANN401
        auth = login_class()(LoginLimit(SystemClock(), together=False))
        auth.set_supported_methods(method)
        token = self._library.RTSPToken()
        token.set_string(self._library.RTSP_TOKEN_MEDIA_FACTORY_ROLE, _ROLE)
        auth.add_digest(user, password, token)
        return auth

    def _factory(self, transports: Any) -> Any:  # noqa: ANN401
        factory = self._library.RTSPMediaFactory.new()
        factory.set_launch(f"( {SOURCE} ! rtph264pay name=pay0 pt=96 config-interval=-1 )")
        # One pipeline for all readers.
        factory.set_shared(True)
        factory.set_protocols(transports.UDP | transports.TCP)
        permissions = self._library.RTSPPermissions()
        permissions.add_role(_ROLE)
        for right in (
            self._library.RTSP_PERM_MEDIA_FACTORY_ACCESS,
            self._library.RTSP_PERM_MEDIA_FACTORY_CONSTRUCT,
        ):
            permissions.add_permission_for_role(_ROLE, right, True)
        factory.set_permissions(permissions)
        factory.connect("media-configure", self._configure)
        return factory

    def _configure(self, _factory: object, media: Any) -> None:  # noqa: ANN401
        source = media.get_element().get_by_name_recurse_up("source")
        packets: Packets = feed_source(source, self._folder)
        media.connect("unprepared", lambda _media: packets.close())
