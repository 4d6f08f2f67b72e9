"""The process: serves or publishes, by the settings that are in force."""

import signal
from collections.abc import Callable
from pathlib import Path

from anoncam.config import outlets
from anoncam.config.schema import RtspSettings
from anoncam.events.event import LOGGER
from anoncam.rtsp.gstreamer import gstreamer
from anoncam.rtsp.publisher import Publisher
from anoncam.rtsp.server import PATH, Server

_LOOK = 2
"""Seconds between two looks at the settings."""


class Outlet:
    """Serves the feed in `folder`, until a signal comes; changed settings take effect at once.

    Raises:
        AnoncamError: GStreamer is missing, or the port is in use.
    """

    def __init__(self, folder: Path, password: str) -> None:
        self._folder = folder
        self._password = password
        self._settings: RtspSettings | None = None
        self._active: Server | Publisher | None = None
        self._error: Exception | None = None
        glib = gstreamer().GLib
        self._loop = glib.MainLoop()
        for number in (signal.SIGTERM, signal.SIGINT):
            glib.unix_signal_add(glib.PRIORITY_DEFAULT, number, self._loop.quit)
        glib.timeout_add_seconds(_LOOK, self._guarded(self._look))

    def run(self) -> None:
        """Serve until SIGTERM or SIGINT."""
        self._look()
        if self._active is None:
            LOGGER.info("waiting for the daemon's settings in %s", self._folder)
        self._loop.run()
        self._end()
        if self._error is not None:
            raise self._error

    def _guarded(self, action: Callable[[], None]) -> Callable[[], bool]:
        """An action for the loop, which would swallow an error."""

        def guarded() -> bool:
            try:
                action()
            except Exception as error:
                self._error = error
                self._loop.quit()
                return False
            return True

        return guarded

    def _look(self) -> None:
        published = outlets.read(self._folder)
        # A daemon that stops takes its file away: that is no change.
        if published is None or published.rtsp == self._settings:
            return
        self._end()
        settings = self._settings = published.rtsp
        if settings.publish is None:
            self._active = Server(self._folder, settings, self._password)
            LOGGER.info("serving RTSP at port %d, path %s", settings.port, PATH)
        else:
            self._active = Publisher(self._folder, settings, self._password)
            LOGGER.info("publishing at %s", settings.publish)

    def _end(self) -> None:
        if self._active is not None:
            self._active.close()
            self._active = None
