"""Camera motion and cuts of real files, through the capture stage and the window."""

from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray

from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import Config, DetectorSettings
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.pool import FramePool
from anoncam.motion.camera_motion import STILL
from anoncam.pipeline.capture import capture
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.window import Window
from anoncam.sources.file import FileSource

WIDTH, HEIGHT, FRAMES = 640, 360, 45
FIRST = 10
"""The first frame in which the detector finds no face."""

Luma = NDArray[np.uint8]


def scene(seed: int) -> Luma:
    random = np.random.default_rng(seed)
    coarse, fine = (
        random.uniform(0, 150, (9, 16)).repeat(40, 0),
        random.uniform(0, 100, (45, 80)).repeat(8, 0),
    )
    return np.asarray(coarse.repeat(40, 1) + fine.repeat(8, 1), np.uint8)


def write(path: Path, pictures: list[Luma]) -> None:
    with av.open(path, "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"crf": "16"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, luma in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(luma, "gray").reformat(format="yuv420p")
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


EVERY_FRAME = Config(detector=DetectorSettings(rate=0))


def covered(path: Path, pictures: list[Luma]) -> list[bool]:
    """In which frames something is covered; the detector finds a face before frame `FIRST`."""
    write(path, pictures)
    clock, stop, found = SystemClock(), Stop(), []
    with FileSource(path, paced=False, loop=False, clock=clock, stop=stop) as source:
        window = Window(EVERY_FRAME, live=False, clock=clock)
        pool = FramePool(source.format, FRAMES + 1)
        capture(source, pool, window, EVERY_FRAME, Counters(), clock, stop)
        window.end()
        while (due := window.next_to_infer(0)) is not None:
            window.submitted(due)
            number = round(due.timestamp * 30 / 1e9)
            faces = [[300, 150, 60, 80, 0.9]] if number < FIRST else np.empty((0, 5))
            window.add_result(
                DetectionResult(
                    due.timestamp, np.array(faces, np.float32), complete=True, latency=0.0
                )
            )
        while (ready := window.take_ready()) is not None:
            found.append(bool(ready[1].boxes))
    return found


def test_persistence_ends_with_the_first_frame_of_another_scene(
    tmp_path: Path,
) -> None:
    pictures = [scene(0)] * FIRST + [scene(1)] * (FRAMES - FIRST)
    assert covered(tmp_path / "cut.mp4", pictures) == [True] * FIRST + [False] * (FRAMES - FIRST)


def switched(level: float) -> list[Luma]:
    return [scene(0)] * FIRST + [np.asarray(scene(0) * level, np.uint8)] * (FRAMES - FIRST)


def faded() -> list[Luma]:
    parts = np.clip((np.arange(FRAMES) - FIRST) / 12, 0, 1)
    return [np.asarray(scene(0) * (1 - part) + scene(1) * part, np.uint8) for part in parts]


def presented() -> list[Luma]:
    """Somebody stays in front of a wall that shows something else."""
    after = scene(1)
    after[60:330, 210:450] = scene(0)[60:330, 210:450]
    return [scene(0)] * FIRST + [after] * (FRAMES - FIRST)


@pytest.mark.parametrize(
    "pictures",
    [
        pytest.param(
            [scene(0)] * FIRST + [scene(1)] * 3 + [scene(0)] * (FRAMES - FIRST - 3), id="flash"
        ),
        pytest.param(
            [scene(0)] * FIRST + [scene(1), scene(2)] * 3 + [scene(0)] * (FRAMES - FIRST - 6),
            id="strobe",
        ),
        pytest.param(switched(0.15), id="light switched off"),
        pytest.param(faded(), id="fade"),
        pytest.param(
            [scene(0)] * FIRST + [np.full_like(scene(0), 200)] * (FRAMES - FIRST), id="flat"
        ),
        pytest.param(presented(), id="somebody stays"),
    ],
)
def test_a_lost_face_is_covered_for_the_whole_persistence_where_no_cut_is_certain(
    pictures: list[Luma], tmp_path: Path
) -> None:
    last = FIRST - 1 + int(Config().coverage.persistence * 30)
    assert all(covered(tmp_path / "doubt.mp4", pictures)[: last + 1])


def test_the_motion_of_each_frame_reaches_the_tracker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = tmp_path / "pan.mp4"
    wide = np.tile(skimage.data.astronaut()[..., 1], (1, 2))
    lefts = [300 - 10 * number for number in range(5)]
    write(clip, [np.ascontiguousarray(wide[100:460, left : left + WIDTH]) for left in lefts])
    clock, stop = SystemClock(), Stop()
    with FileSource(clip, paced=False, loop=False, clock=clock, stop=stop) as source:
        window = Window(Config(), live=False, clock=clock)
        pool = FramePool(source.format, 8)
        capture(source, pool, window, Config(), Counters(), clock, stop)
    moved = [each.motion for each in window._waiting.frames]
    assert moved[0] == STILL
    assert [each.right for each in moved[1:]] == pytest.approx([10] * 4, abs=1.5)
