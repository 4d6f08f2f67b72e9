"""Tracks the faces of a whole file in one pass over what was seen in its chunks."""

from collections.abc import Callable, Iterable, Iterator

import numpy as np

from anoncam.archive.detection import Seen
from anoncam.clock import SystemClock
from anoncam.config.schema import Config
from anoncam.detectors.detector import DetectionResult
from anoncam.errors import InputError
from anoncam.frames.frame import Frame, FrameFormat
from anoncam.motion.cells import Cells
from anoncam.motion.scene_cuts import Replacement, Scene
from anoncam.pipeline.window import Window
from anoncam.tracking.coverage import Coverage

_NOTHING = np.zeros((0, 0), np.uint8)

ReadCells = Callable[[int], tuple[Cells, Cells]]
"""Reads the cells of the last frame before a cut and of the first one after it, by the timestamp of
the latter. They are coarse pictures, so they are not kept between the passes."""


def track(
    seen: Iterable[Seen], picture: FrameFormat, config: Config, read_cells: ReadCells
) -> Iterator[tuple[int, Coverage]]:
    """The timestamp and the coverage of each frame, in order.

    It is the window itself that tracks and decides. So this is what a single pass over the file
    covers: it is given the same results, of the same frames.

    Raises:
        InputError: the window asks for a result that is not there.
    """
    window = Window(config, live=False, clock=SystemClock())
    results: dict[int, DetectionResult] = {}
    last_cut = since = 0
    for number, each in enumerate(seen):
        gone = None
        if each.gone is not None:
            gone = Replacement(since, each.gone, *read_cells(each.gone))
        if each.begins_scene:
            since, last_cut = last_cut, each.timestamp
        if each.result is not None:
            results[each.timestamp] = each.result
        frame = Frame(picture, _NOTHING, _NOTHING, ())
        frame.timestamp, frame.sequence = each.timestamp, number
        window.put(frame, scene=Scene(each.begins_scene, gone), motion=each.motion)
        _infer_due(window, results)
        yield from _ready(window)
    window.end()
    _infer_due(window, results)
    yield from _ready(window)


def _infer_due(window: Window, results: dict[int, DetectionResult]) -> None:
    """Give the window the results that it asks for, and forget them."""
    while (due := window.next_to_infer(0)) is not None:
        window.submitted(due)
        result = results.pop(due.timestamp, None)
        if result is None:
            raise InputError("its chunks lack a result that a single pass has")
        window.add_result(result)


def _ready(window: Window) -> Iterator[tuple[int, Coverage]]:
    while (ready := window.take_ready()) is not None:
        frame, coverage = ready
        yield frame.timestamp, coverage
