"""From the detector to the recording: the box of a still face stays what it is."""

from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray

from anoncam.anonymizer.anonymized_frame import AnonymizedFrame
from anoncam.config.schema import AnonymizerSettings
from anoncam.detectors.simulated import Reaction, SimulatedDetector
from anoncam.frames.frame import Picture
from anoncam.review.coverage_log import CoverageLog
from anoncam.tracking.snapping import STEPS_HIGH, STEPS_WIDE, height_of
from tests.support import fakes
from tests.support.pipeline_bench import Bench

pytestmark = pytest.mark.integration

HEIGHTS = [height_of(size) for size in range(20)]


class LoggingRecorder(fakes.MemoryRecorder):
    """Keeps the coverage too, as it is written into a coverage file."""

    def __init__(self) -> None:
        super().__init__()
        self.log = CoverageLog(AnonymizerSettings())

    def write(self, frame: AnonymizedFrame) -> None:
        super().write(frame)
        self.log.add(frame)


def jittering(_picture: Picture, timestamp: int) -> Reaction:
    """A still face, as a detector sees it."""
    x, y, width, height = np.random.default_rng(timestamp).normal((20, 12, 14, 20), 0.2)
    return Reaction(np.array([[x, y, width, height, 0.99]], np.float32))


def painted(luma: NDArray[np.uint8]) -> tuple[int, ...]:
    """The first and the last row and column that squares have changed."""
    rows, columns = np.nonzero(luma != fakes.SECRET)
    return int(rows.min()), int(rows.max()), int(columns.min()), int(columns.max())


def test_the_box_of_a_still_face_is_the_same_in_all_frames_and_in_the_coverage_file(
    bench: Callable[..., Bench],
) -> None:
    recorder = LoggingRecorder()
    source = fakes.MemorySource(fakes.evenly(90, 30))
    run = bench(source, lambda: SimulatedDetector(jittering), recorder=recorder)
    run.run()
    assert run.error is None
    document = recorder.log.document(source.format, "0" * 64)
    [track] = document.tracks
    boxes = {key[1:] for span in track.spans for key in span.keys}
    assert len(boxes) == 1
    [(left, top, right, bottom)] = boxes
    assert bottom - top in HEIGHTS
    assert (right - left) * STEPS_HIGH == (bottom - top) * STEPS_WIDE
    assert len({painted(frame.luma) for frame in recorder.frames}) == 1
