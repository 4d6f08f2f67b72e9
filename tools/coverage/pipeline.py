"""The real pipeline over a clip, from the source up to the anonymizer."""

from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from threading import Thread

from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import Config
from anoncam.detectors.detector import Detector
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.frames.frame import FrameFormat
from anoncam.frames.pool import FramePool
from anoncam.pipeline.capture import capture
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.inference import InferenceStage
from anoncam.pipeline.pool_size import largest_pool_size, pool_size
from anoncam.pipeline.window import Window
from anoncam.sources.file import FileSource
from anoncam.tracking.coverage import Coverage


def coverages(
    clip: Path, config: Config, make: Callable[[], Detector] | None = None
) -> Iterator[tuple[FrameFormat, Coverage]]:
    """Yield the format and the coverage of each frame of `clip`.

    `make` starts the detector. Without it, the configured detector runs in its own process.

    Raises:
        DetectorError: the detector failed.
    """
    clock, stop, counts = SystemClock(), Stop(), Counters()
    with FileSource(clip, paced=False, loop=False, clock=clock, stop=stop) as source:
        pool = FramePool(
            source.format,
            pool_size(float(source.format.frame_rate), config, live=False),
            most=largest_pool_size(source.format, config, live=False),
        )
        window = Window(config, live=False, clock=clock)
        make = make or partial(DetectorProcess, config.detector, config.coverage.least_score)
        inference = InferenceStage(make, counters=counts, max_failures=3)
        inference.start()
        inference.attach(window)

        def fill() -> None:
            try:
                capture(source, pool, window, config, counts, clock, stop)
            finally:
                window.end()

        capturing = Thread(target=fill, name="capture")
        capturing.start()
        while (ready := window.next_ready()) is not None:
            frame, coverage = ready
            pool.release(frame)
            yield source.format, coverage
        capturing.join()
        inference.close()
        if inference.failure is not None:
            raise inference.failure
