from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest

from anoncam.config.schema import Config

pytest.importorskip(
    "matplotlib",
    reason="matplotlib is not installed (it comes with make bench and make test-tools)",
)

from tools.bench.stage_plot import draw_stages
from tools.bench.stages import time_stages
from tools.bench.stopwatch import INFERENCE_STAGES, STAGES


def write_clip(path: Path, frames: int) -> Path:
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=Fraction(30))
        stream.width, stream.height, stream.pix_fmt = 96, 64, "yuv420p"
        for number in range(frames):
            picture = np.full((64, 96, 3), 8 * number, np.uint8)
            container.mux(stream.encode(av.VideoFrame.from_ndarray(picture, format="rgb24")))
        container.mux(stream.encode(None))
    return path


def test_each_stage_is_timed_once_a_frame_and_inference_at_the_rate_of_the_detector(
    tmp_path: Path,
) -> None:
    times = time_stages(write_clip(tmp_path / "clip.mp4", 9), Config()).times
    calls = {stage: len(found) for stage, found in times.items()}
    assert calls == {stage: 3 if stage in INFERENCE_STAGES else 9 for stage in STAGES}


def test_the_time_of_a_stage_that_every_third_frame_passes_counts_a_third_per_frame(
    tmp_path: Path,
) -> None:
    stopwatch = time_stages(write_clip(tmp_path / "clip.mp4", 3), Config())
    stopwatch.times["infer"], stopwatch.times["blur"] = [6.0], [1.0, 2.0, 9.0]
    shares = stopwatch.per_frame()
    assert (shares["infer"], shares["blur"]) == (2.0, 2.0)


def test_the_stages_are_drawn(tmp_path: Path) -> None:
    draw_stages({"480p": dict.fromkeys(STAGES, 1.0)}, tmp_path / "stages.png")
    assert (tmp_path / "stages.png").read_bytes().startswith(b"\x89PNG")
