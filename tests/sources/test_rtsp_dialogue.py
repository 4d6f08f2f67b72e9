"""What a camera may reply, and how slowly."""

import threading
from collections.abc import Iterator
from itertools import repeat

import pytest

from anoncam.sources.rtsp_causes import Cause
from anoncam.sources.rtsp_dialogue import RtspError, find_stream
from tests.support.replying_camera import ReplyingCamera

SECONDS = 0.3
BEATS = 0.02


@pytest.mark.parametrize(
    "reply",
    [b"", b"RTSP/1.0 200 OK\r\nContent-Length: 900000\r\n\r\n", b"$\x00\xff\xff"],
    ids=["a line", "a body", "pictures"],
)
def test_a_camera_that_replies_byte_by_byte_without_end_is_silent(reply: bytes) -> None:
    stopped = threading.Event()

    def trickle() -> Iterator[bytes]:
        yield reply
        for byte in repeat(b"x"):
            if stopped.wait(BEATS):
                return
            yield byte

    with ReplyingCamera(trickle) as camera, pytest.raises(RtspError) as failure:
        try:
            find_stream(camera.address, SECONDS)
        finally:
            stopped.set()
    assert failure.value.cause is Cause.SILENT
