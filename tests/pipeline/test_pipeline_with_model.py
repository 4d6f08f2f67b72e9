from collections.abc import Callable

import numpy as np
import pytest

from anoncam.clock import NANOSECONDS
from anoncam.config.schema import DetectorSettings
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.frames.frame import Frame, tight
from tests.support import fakes, portrait
from tests.support.pipeline_bench import Bench

pytestmark = pytest.mark.integration


class PortraitSource(fakes.MemorySource):
    """The portrait, moving slowly to the right."""

    def __init__(self, count: int) -> None:
        super().__init__(fakes.evenly(count, 30))
        self.format = tight(320, 240)
        self.picture, self.face = portrait.portrait_frame(self.format)

    def read(self) -> "PortraitCapture | None":  # type: ignore[override]
        capture = super().read()
        return None if capture is None else PortraitCapture(capture, self.picture)


class PortraitCapture:
    def __init__(self, capture: fakes.MemoryCapture, picture: Frame) -> None:
        self.time = capture.time
        self._capture = capture
        self._picture = picture

    def copy_into(self, frame: Frame) -> None:
        shift = round(self.time.arrival * 30 / NANOSECONDS) * 2
        frame.stamp(self.time)
        frame.luma[:] = np.roll(self._picture.luma, shift, axis=1)
        for plane, picture in zip(frame.chroma, self._picture.chroma, strict=True):
            plane[:] = np.roll(picture, shift // 2, axis=1)

    def close(self) -> None:
        self._capture.close()


def test_the_shipped_model_covers_a_real_face_in_every_frame(bench: Callable[..., Bench]) -> None:
    source = PortraitSource(40)
    settings = DetectorSettings(model="anoncam-face-320x320", device="cpu")
    run = bench(source, lambda: DetectorProcess(settings, 0.2))
    run.run()

    assert run.error is None
    assert (run.counters.recorded, run.counters.veiled) == (40, 0)
    x, y, width, height = (round(side) for side in source.face)
    for number, frame in enumerate(run.recorder.frames):
        original = np.roll(source.picture.luma, 2 * number, axis=1)
        face = np.s_[y : y + height, x + 2 * number : x + 2 * number + width]
        # 9/10, as `tools.coverage` counts: the label reaches further down than some detections.
        assert (frame.luma[face] == original[face]).mean() < 0.1
        assert (frame.luma == original).mean() > 0.7
