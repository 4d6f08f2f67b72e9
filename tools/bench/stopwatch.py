"""The stages of a frame, and the time of each."""

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from statistics import median

STAGES = ("decode", "capture", "camera", "scale", "infer", "read boxes", "track", "blur", "encode")
"""All stages, in the order in which a frame passes them."""


INFERENCE_STAGES = ("scale", "infer", "read boxes")
"""Only the frames that are submitted to the detector pass these."""


@dataclass
class Stopwatch:
    """Milliseconds of each call, by stage."""

    times: dict[str, list[float]] = field(default_factory=lambda: {stage: [] for stage in STAGES})

    @contextmanager
    def timing(self, stage: str) -> Iterator[None]:
        """Add the time spent inside this context to `stage`."""
        began = time.perf_counter()
        yield
        self.times[stage].append(1000 * (time.perf_counter() - began))

    def per_frame(self) -> dict[str, float]:
        """Milliseconds per recorded frame, also of stages that only some frames pass."""
        frames = len(self.times["blur"])
        return {
            stage: median(found) * len(found) / frames if found else 0.0
            for stage, found in self.times.items()
        }
