"""GStreamer by its Python bindings, and the element that takes our packets."""

import time
from pathlib import Path
from typing import Any

from anoncam.errors import AnoncamError
from anoncam.rtsp.packets import Packet, Packets
from anoncam.rtsp.timeline import Timeline

SOURCE = (
    "appsrc name=source is-live=true format=time leaky-type=downstream max-bytes=8388608"
    " caps=video/x-h264,stream-format=byte-stream,alignment=au ! h264parse config-interval=-1"
)
"""The beginning of a pipeline; parameter sets come before each key frame."""


def gstreamer() -> Any:  # noqa: ANN401 - the bindings have no types
    """The bindings: `Gst`, `GLib`, `GstRtsp` and `GstRtspServer` of them are loaded.

    Raises:
        AnoncamError: a package is missing.
    """
    try:
        import gi  # noqa: PLC0415 - a vendor's library, from Debian

        for name in ("Gst", "GstApp", "GstRtsp", "GstRtspServer"):
            gi.require_version(name, "1.0")
        # GstApp is loaded for the methods of appsrc.
        from gi.repository import GLib, Gst, GstApp, GstRtsp, GstRtspServer  # noqa: F401, PLC0415
    except (ImportError, ValueError) as error:
        raise AnoncamError(
            f"GStreamer's RTSP server is not installed: {error}",
            "apt install python3-gi gir1.2-gst-rtsp-server-1.0 gstreamer1.0-plugins-good"
            " gstreamer1.0-plugins-bad gstreamer1.0-rtsp",
        ) from error
    Gst.init(None)
    return gi.repository


def feed_source(source: Any, folder: Path) -> Packets:  # noqa: ANN401
    """Push the packets of the feed in `folder` into the appsrc `source`, from now on.

    Readers are disconnected when the size changes: they have to ask for the new parameters.
    """
    gst = gstreamer().Gst
    timeline = Timeline()
    began = time.monotonic_ns()

    def push(packet: Packet) -> None:
        clock, base = source.get_clock(), source.get_base_time()
        # Without a clock, the pipeline does not run yet.
        arrival = time.monotonic_ns() - began if clock is None else clock.get_time() - base
        buffer = gst.Buffer.new_wrapped(packet.data)
        buffer.pts = max(0, timeline.place(packet.time, arrival, begins=packet.begins))
        buffer.dts = buffer.pts
        if not packet.key:
            buffer.set_flags(gst.BufferFlags.DELTA_UNIT)
        source.push_buffer(buffer)

    return Packets(folder, push, source.end_of_stream)
