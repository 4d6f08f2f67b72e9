"""Pushes the picture to a server of the user's, again and again if it is away."""

import logging
from pathlib import Path
from typing import Any

from anoncam.config.schema import RtspSettings
from anoncam.events.event import Event, emit
from anoncam.events.redaction import redact
from anoncam.rtsp.gstreamer import SOURCE, feed_source, gstreamer
from anoncam.rtsp.packets import Packets

_RETRY = 5
"""Seconds until a server that has failed is tried again."""


class Publisher:
    """Publishes the feed in `folder` at the address `settings.publish`, over TCP.

    A failure, and its end, are events.

    Raises:
        AnoncamError: GStreamer is missing.
    """

    def __init__(self, folder: Path, settings: RtspSettings, password: str) -> None:
        self._folder = folder
        self._settings = settings
        self._password = password
        library = gstreamer()
        self._glib, self._gst = library.GLib, library.Gst
        self._failed = False
        self._timer = 0
        self._pipeline: Any = None
        self._packets: Packets | None = None
        self._start()

    def close(self) -> None:
        """Stop publishing."""
        if self._timer:
            self._glib.source_remove(self._timer)
        self._end()

    def _start(self) -> bool:
        self._timer = 0
        pipeline = self._gst.parse_launch(f"{SOURCE} ! rtspclientsink name=sink protocols=tcp")
        sink = pipeline.get_by_name("sink")
        sink.set_property("location", self._settings.publish)
        sink.set_property("user-id", self._settings.user)
        sink.set_property("user-pw", self._password)
        bus = pipeline.get_bus()
        bus.add_signal_watch()
        bus.connect("message", self._attend)
        self._pipeline = pipeline
        pipeline.set_state(self._gst.State.PLAYING)
        self._packets = feed_source(pipeline.get_by_name("source"), self._folder)
        return False

    def _attend(self, _bus: object, message: Any) -> None:  # noqa: ANN401
        kinds = self._gst.MessageType
        if message.type == kinds.ERROR:
            self._retry(message.parse_error()[0].message)
        elif message.type == kinds.EOS:
            self._retry("the pictures have another size")
        elif self._failed and message.type == kinds.PROGRESS:
            kind, code, _ = message.parse_progress()
            # SETUP is requested once the server has accepted ANNOUNCE, and the login with it.
            if (kind, code) == (self._gst.ProgressType.CONTINUE, "request"):
                self._failed = False
                emit(Event.OUTLET_BACK, f"published at {self._where}", outlet="rtsp")

    def _retry(self, reason: str) -> None:
        if self._timer:
            return
        if not self._failed:
            self._failed = True
            reason = redact(reason)
            text = f"nothing is published at {self._where} for now: {reason}"
            emit(Event.OUTLET_FAILED, text, level=logging.WARNING, outlet="rtsp", reason=reason)
        self._end()
        self._timer = self._glib.timeout_add_seconds(_RETRY, self._start)

    def _end(self) -> None:
        if self._packets is not None:
            self._packets.close()
        if self._pipeline is not None:
            self._pipeline.get_bus().remove_signal_watch()
            self._pipeline.set_state(self._gst.State.NULL)
            self._pipeline = None

    @property
    def _where(self) -> str:
        return redact(str(self._settings.publish))
