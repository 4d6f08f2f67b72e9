"""Finds the camera that is connected, if the configuration names none."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from anoncam.clock import Clock, Stop
from anoncam.config.schema import SourceSettings
from anoncam.errors import CameraError, InputError
from anoncam.sources.picamera2 import Picamera2Source
from anoncam.sources.source import Source
from anoncam.sources.v4l2 import V4l2Source
from anoncam.sources.v4l2_nodes import Node, choose_format, list_nodes

OpenSource = Callable[[], Source]


def open_auto(settings: SourceSettings, stop: Stop, clock: Clock) -> Source:
    """Open the camera on the board, else the first V4L2 node that delivers pictures.

    It never opens a file or the test picture.

    Raises:
        CameraError: there is no camera; the message lists what was tried.
        StoppedError: the stop was requested meanwhile.
    """
    nodes = node_openers(list_nodes(), settings, stop, clock)
    return first_that_captures([lambda: open_picamera2(settings, stop, clock), *nodes])


def open_picamera2(settings: SourceSettings, stop: Stop, clock: Clock) -> Source:
    """Open the camera on the board.

    Raises:
        CameraError: there is none that can be used.
    """
    return Picamera2Source(
        settings.width,
        settings.height,
        frame_rate(settings),
        clock=clock,
        stop=stop,
        silence=settings.silence,
        rotation=settings.rotation,
    )


def open_v4l2(settings: SourceSettings, stop: Stop, clock: Clock) -> Source:
    """Open the first V4L2 node that delivers pictures.

    Raises:
        CameraError: none does; the message lists what was tried.
        StoppedError: the stop was requested meanwhile.
    """
    return first_that_captures(node_openers(list_nodes(), settings, stop, clock))


def open_node(node: Node, settings: SourceSettings, stop: Stop, clock: Clock) -> Source:
    """Open the camera at `node`.

    Raises:
        CameraError: it is not a camera, or delivers no picture.
        StoppedError: the stop was requested meanwhile.
    """
    if node.objection:
        raise CameraError(f"{node} {node.objection}")
    try:
        pixel_format = choose_format(node, settings.width, settings.height, settings.fps)
    except OSError as error:
        raise CameraError(f"{node} cannot be opened: {error.strerror}") from error
    return V4l2Source(
        node,
        pixel_format,
        settings.width,
        settings.height,
        frame_rate(settings),
        clock=clock,
        stop=stop,
        silence=settings.silence,
        rotation=settings.rotation,
    )


def node_openers(
    nodes: Sequence[Node], settings: SourceSettings, stop: Stop, clock: Clock
) -> list[OpenSource]:
    """Make one opener for each of `nodes`; without any, one that raises CameraError."""

    def opener(node: Node) -> OpenSource:
        return lambda: open_node(node, settings, stop, clock)

    return [opener(node) for node in nodes] or [_no_node]


def first_that_captures(openers: Sequence[OpenSource]) -> Source:
    """Return the first source that opens; a camera only does so with its first picture.

    Raises:
        CameraError: none opens; the message holds the reason of each.
    """
    reasons = []
    for opener in openers:
        try:
            return opener()
        except InputError as error:
            reasons.append(str(error))
    raise CameraError(
        f"no camera found: {'; '.join(reasons)}",
        "connect one, or name another source in the config",
    )


def _no_node() -> Source:
    raise CameraError("there is no /dev/video* node")


def frame_rate(settings: SourceSettings) -> Fraction:
    """Return the wanted rate as the fraction that libav and drivers take: 29.97 is 30000/1001."""
    return Fraction(settings.fps).limit_denominator(1001)
