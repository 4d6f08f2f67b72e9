"""Serves the clip of the tests as a network camera at port 8554 of this machine."""

import threading

from tests.support.rtsp_server import RtspCamera

if __name__ == "__main__":
    RtspCamera(port=8554)
    threading.Event().wait()
