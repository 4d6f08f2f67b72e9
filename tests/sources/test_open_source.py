from pathlib import Path

import pytest

from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import SourceSettings
from anoncam.errors import CameraError, InputError, StoppedError
from anoncam.frames.frame import tight
from anoncam.sources import camera_search
from anoncam.sources.camera_search import first_that_captures, open_auto, open_node
from anoncam.sources.open_source import open_source
from anoncam.sources.source import Source
from anoncam.sources.synthetic import SyntheticSource
from anoncam.sources.v4l2_nodes import Node


def a_source() -> Source:
    settings = SourceSettings(type="synthetic", width=64, height=64)
    return open_source(settings, Stop(), SystemClock())


def failing(message: str) -> Source:
    raise CameraError(message)


def test_a_kind_of_source_that_nobody_opens_opens_no_camera_in_its_place() -> None:
    settings = SourceSettings().model_copy(update={"type": "new"})
    with pytest.raises(InputError, match="a source of type new needs"):
        open_source(settings, Stop(), SystemClock())


def test_the_first_source_that_opens_is_used_and_the_rest_stay_closed() -> None:
    opened: list[str] = []

    def open_named(name: str) -> Source:
        opened.append(name)
        return a_source()

    source = first_that_captures(
        [lambda: failing("none here"), lambda: open_named("second"), lambda: open_named("third")]
    )
    assert isinstance(source, SyntheticSource)
    assert opened == ["second"]


def test_without_a_camera_the_error_names_all_that_was_tried() -> None:
    with pytest.raises(CameraError) as caught:
        first_that_captures(
            [
                lambda: failing("picamera2 finds no camera"),
                lambda: failing("/dev/video0 is a codec"),
            ]
        )
    assert "no camera found: picamera2 finds no camera; /dev/video0 is a codec" in str(caught.value)


def test_a_stop_during_the_search_raises_a_stopped_error() -> None:
    def stopped() -> Source:
        raise StoppedError("stopped")

    with pytest.raises(StoppedError):
        first_that_captures([stopped, a_source])


def test_auto_tries_the_board_first_then_the_nodes_and_nothing_else(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    nodes = [
        Node(Path("/dev/video0"), "codec", objection="is a codec"),
        Node(Path("/dev/video1"), "isp"),
    ]
    monkeypatch.setattr(camera_search, "open_picamera2", lambda *_: failing("the board has none"))
    monkeypatch.setattr(camera_search, "list_nodes", lambda: nodes)
    with pytest.raises(CameraError) as caught:
        open_auto(SourceSettings(), Stop(), SystemClock())
    message = str(caught.value)
    assert (
        message.index("the board has none")
        < message.index("is a codec")
        < message.index("/dev/video1")
    )


def test_a_node_that_is_no_camera_is_not_opened() -> None:
    node = Node(Path("/dev/video11"), "bcm2835-codec", objection="is a codec")
    with pytest.raises(CameraError, match="is a codec"):
        open_node(node, SourceSettings(type="v4l2"), Stop(), SystemClock())


def test_a_node_that_has_gone_since_it_was_listed_raises_a_camera_error(tmp_path: Path) -> None:
    node = Node(tmp_path / "video0", "webcam", ("YUYV",))
    with pytest.raises(CameraError, match="No such file"):
        open_node(node, SourceSettings(type="v4l2"), Stop(), SystemClock())


def test_the_settings_are_applied_to_the_test_picture() -> None:
    settings = SourceSettings(type="synthetic", width=320, height=180, fps=29.97, rotation=90)
    with open_source(settings, Stop(), SystemClock()) as source:
        expected = tight(320, 180)
        assert (source.format.width, source.format.height) == (expected.width, expected.height)
        assert source.format.rotation == 90
        assert float(source.format.frame_rate) == pytest.approx(29.97, abs=1e-4)
        assert source.live


@pytest.mark.parametrize(
    ("settings", "kind", "text"),
    [
        (
            SourceSettings(type="file", address="/nowhere/video.mp4"),
            InputError,
            "/nowhere/video.mp4 does not exist",
        ),
        (
            SourceSettings(type="v4l2", address="/dev/video99"),
            CameraError,
            "/dev/video99 cannot be opened",
        ),
        (
            SourceSettings(type="rtsp", address="rtsp://u:pa55@127.0.0.1:1/"),
            CameraError,
            "refuses connections to this port",
        ),
    ],
)
def test_an_error_at_opening_is_one_line_without_the_password(
    settings: SourceSettings, kind: type[InputError], text: str
) -> None:
    with pytest.raises(kind) as caught:
        open_source(settings, Stop(), SystemClock())
    message = str(caught.value)
    assert text in message
    assert "\n" not in message
    assert "pa55" not in message
