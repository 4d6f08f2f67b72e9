"""The process that decodes a camera may lie, hang or die; the daemon believes nothing."""

import os
from collections.abc import Callable
from fractions import Fraction
from pathlib import Path

import pytest

from anoncam.clock import Stop, SystemClock
from anoncam.errors import CameraError
from anoncam.frames.pool import FramePool
from anoncam.sources import stream_source
from anoncam.sources.v4l2 import V4l2Source
from anoncam.sources.v4l2_nodes import Node
from tests.support.stream_liars import LIES_AT_FIRST, LIES_WHEN_COPYING

pytestmark = pytest.mark.integration


@pytest.fixture
def lying(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Callable[[str], V4l2Source]:
    """Open a camera whose process tells a lie."""
    monkeypatch.setattr(stream_source, "_WORKER", "tests.support.stream_liars")

    def opened(lie: str) -> V4l2Source:
        path = tmp_path / "video0"
        path.write_text(lie)
        return V4l2Source(
            Node(path, "HD Webcam", ("YUYV",)),
            "yuyv422",
            64,
            48,
            Fraction(30),
            clock=SystemClock(),
            stop=Stop(),
            silence=20,
            opener=lambda path: os.open(path, os.O_RDWR),
        )

    return opened


@pytest.mark.parametrize("lie", LIES_AT_FIRST)
def test_a_lie_about_a_camera_is_an_error_of_the_camera(
    lying: Callable[[str], V4l2Source], lie: str
) -> None:
    with pytest.raises(CameraError) as caught, lying(lie) as source:
        source.read()
    told = str(caught.value)
    assert "video0" in told
    assert len(told) < 5000
    assert ("has ended" in told or "cannot be decoded" in told) == (lie == "its end")


@pytest.mark.parametrize("lie", LIES_WHEN_COPYING)
def test_a_lie_about_a_copied_picture_is_an_error_of_the_camera(
    lying: Callable[[str], V4l2Source], lie: str
) -> None:
    with lying(lie) as source:
        if lie == "no reply":
            assert source._media is not None
            source._media._silence = 0.5
        frame = FramePool(source.format, 1).acquire()
        capture = source.read()
        assert frame is not None
        assert capture is not None
        with pytest.raises(CameraError):
            capture.copy_into(frame)
        capture.close()
