"""Serves the clip of the tests as a network camera at port 8554 of this machine.

It asks admin for the password in CAMERA_PASSWORD, if there is one.
"""

import os
import threading

from tests.support.rtsp_server import RtspCamera

if __name__ == "__main__":
    password = os.environ.get("CAMERA_PASSWORD", "")
    RtspCamera(port=8554, user="admin" if password else "", password=password, digest=True)
    threading.Event().wait()
