"""Prints when pictures of an RTSP server were sent, by its sender reports: ADDRESS TRANSPORT COUNT.

Each line is the time in the server's report and the time of this machine, in Unix seconds. It is a
process of its own, since GStreamer's bindings are Debian's.
"""

import sys
import time

import gi

gi.require_version("Gst", "1.0")
gi.require_version("GstApp", "1.0")
from gi.repository import Gst, GstApp  # noqa: E402, F401 - GstApp for the methods of appsink

NTP_EPOCH = 2_208_988_800
"""Seconds from 1900 to 1970 (RFC 5905)."""

address, transport, count = sys.argv[1:]
Gst.init(None)
pipeline = Gst.parse_launch(
    f"rtspsrc location={address} protocols={transport} latency=0 add-reference-timestamp-meta=true"
    " ! rtph264depay ! appsink name=sink sync=false"
)
sink = pipeline.get_by_name("sink")
pipeline.set_state(Gst.State.PLAYING)
wanted = int(count)
while wanted:
    sample = sink.try_pull_sample(60 * Gst.SECOND)
    if sample is None:
        sys.exit("no picture came")
    # The meta is part of the buffer, which must not go before it.
    buffer = sample.get_buffer()
    meta = buffer.get_reference_timestamp_meta(Gst.Caps.from_string("timestamp/x-ntp"))
    # Before the first report nothing is known.
    if meta is not None:
        print(meta.timestamp / Gst.SECOND - NTP_EPOCH, time.time(), flush=True)
        wanted -= 1
pipeline.set_state(Gst.State.NULL)
