"""The camera that is there, without being told which."""

from collections.abc import Callable, Sequence
from fractions import Fraction

from anoncam.clock import Clock, Stop
from anoncam.config.schema import SourceSettings
from anoncam.errors import CameraError, InputError
from anoncam.sources.picamera2 import Picamera2Source
from anoncam.sources.source import Source
from anoncam.sources.v4l2 import V4l2Source
from anoncam.sources.v4l2_nodes import Node, choose_format, list_nodes

Opener = Callable[[], Source]


def open_auto(settings: SourceSettings, stop: Stop, clock: Clock) -> Source:
    """The camera on the board, else the first V4L2 node that captures; never a file, never the test
    picture.

    Raises:
        CameraError: there is no camera; the message says what was looked at.
        StoppedError: the stop was requested meanwhile.
    """
    nodes = node_openers(list_nodes(), settings, stop, clock)
    return first_that_captures([lambda: open_picamera2(settings, stop, clock), *nodes])


def open_picamera2(settings: SourceSettings, stop: Stop, clock: Clock) -> Source:
    """The camera on the board.

    Raises:
        CameraError: there is none that can be used.
    """
    return Picamera2Source(
        settings.width,
        settings.height,
        rate(settings),
        clock=clock,
        stop=stop,
        silence=settings.silence,
        rotation=settings.rotation,
    )


def open_v4l2(settings: SourceSettings, stop: Stop, clock: Clock) -> Source:
    """The first V4L2 node that captures.

    Raises:
        CameraError: none does; the message says what was looked at.
        StoppedError: the stop was requested meanwhile.
    """
    return first_that_captures(node_openers(list_nodes(), settings, stop, clock))


def open_node(node: Node, settings: SourceSettings, stop: Stop, clock: Clock) -> Source:
    """The camera behind `node`.

    Raises:
        CameraError: it is no camera, or does not deliver.
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
        rate(settings),
        clock=clock,
        stop=stop,
        silence=settings.silence,
        rotation=settings.rotation,
    )


def node_openers(
    nodes: Sequence[Node], settings: SourceSettings, stop: Stop, clock: Clock
) -> list[Opener]:
    """One opener for each of `nodes`."""

    def opener(node: Node) -> Opener:
        return lambda: open_node(node, settings, stop, clock)

    return [opener(node) for node in nodes] or [_no_node]


def first_that_captures(openers: Sequence[Opener]) -> Source:
    """The first source that opens, which a camera only does with its first picture.

    Raises:
        CameraError: none does; the message holds the reason of each.
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


def rate(settings: SourceSettings) -> Fraction:
    """The wanted frame rate as libav and the drivers take it: 29.97 is 30000/1001."""
    return Fraction(settings.fps).limit_denominator(1001)
