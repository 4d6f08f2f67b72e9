from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

from anoncam.clock import NANOSECONDS, Stop, SystemClock
from anoncam.config.schema import Config, CoverageSettings
from anoncam.detectors.detector import DetectionResult
from anoncam.frames.boxes import Box
from anoncam.frames.frame import Picture, lay_out, tight
from anoncam.frames.pool import FramePool
from anoncam.motion.camera_motion import STILL, CameraMotion, CameraPath, Motion
from anoncam.motion.cells import take_cells
from anoncam.pipeline.capture import capture
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.window import Window
from anoncam.sources.file import FileSource
from anoncam.tracking.tracker import Tracker

WIDTH, HEIGHT = 640, 360
SCENE = Image.fromarray(np.tile(skimage.data.astronaut()[..., 1], (2, 3)))
GRAVEL = Image.fromarray(np.tile(skimage.data.gravel(), (2, 3)))


def seen(
    left: float, top: float, zoom: float = 1.0, scene: Image.Image = SCENE
) -> NDArray[np.uint8]:
    box = (left, top, left + WIDTH / zoom, top + HEIGHT / zoom)
    return np.asarray(scene.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC, box=box))


def picture(luma: NDArray[np.uint8]) -> Picture:
    form = tight(luma.shape[1], luma.shape[0])
    made = lay_out(np.full((form.rows, form.stride), 128, np.uint8), form)
    made.luma[:] = luma
    return made


def motion(*lumas: NDArray[np.uint8]) -> Motion:
    """The motion to the last of the pictures."""
    camera = CameraMotion()
    return [camera.watch(take_cells(picture(luma))) for luma in lumas][-1]


@pytest.mark.parametrize(("right", "down"), [(12, 0), (-7.5, 3), (0, -20), (40, 25), (1, 1)])
def test_a_pan_is_measured_to_a_pixel(right: float, down: float) -> None:
    found = motion(seen(300, 200), seen(300 - right, 200 - down))
    assert (found.right, found.down) == pytest.approx((right, down), abs=1.2)
    assert found.zoom == pytest.approx(1, abs=0.004)


@pytest.mark.parametrize("zoom", [1.03, 0.97])
def test_a_zoom_is_measured(zoom: float) -> None:
    # The upper left corner of the picture stays where it is.
    found = motion(seen(300, 200), seen(300, 200, zoom))
    assert found.zoom == pytest.approx(zoom, abs=0.006)
    assert (found.right, found.down) == pytest.approx((0, 0), abs=2.5)


def test_a_pan_is_measured_in_noise_and_when_the_light_changes() -> None:
    noise = np.random.default_rng(0).normal(0, 6, (2, HEIGHT, WIDTH))
    first, second = seen(300, 200) + noise[0], 0.7 * seen(290, 200) + noise[1]
    found = motion(first.clip(0, 255).astype(np.uint8), second.clip(0, 255).astype(np.uint8))
    assert (found.right, found.down) == pytest.approx((10, 0), abs=1.5)


def test_a_camera_that_stands_still_does_so_exactly() -> None:
    noise = np.random.default_rng(0).normal(0, 3, (2, HEIGHT, WIDTH))
    first, second = ((seen(300, 200) + each).clip(0, 255).astype(np.uint8) for each in noise)
    assert motion(first, second) == STILL


def test_somebody_who_passes_is_not_the_camera() -> None:
    first, second = seen(300, 200, scene=GRAVEL).copy(), seen(300, 200, scene=GRAVEL).copy()
    first[:, 60:400] = seen(100, 50)[:, 60:400]
    second[:, 90:430] = seen(100, 50)[:, 60:400]
    assert motion(first, second) == STILL


@pytest.mark.parametrize("kind", ["cut", "flat", "noise", "small", "first", "other size"])
def test_in_doubt_the_camera_stands_still(kind: str) -> None:
    noise = np.random.default_rng(0).integers(0, 256, (2, HEIGHT, WIDTH), np.uint8)
    small = seen(300, 200)[:24, :24]
    pictures = {
        "cut": [seen(300, 200), seen(300, 200, scene=GRAVEL)],
        "flat": [np.full((HEIGHT, WIDTH), level, np.uint8) for level in (90, 200)],
        "noise": list(noise),
        "small": [small, small],
        "first": [seen(300, 200)],
        "other size": [seen(300, 200), seen(310, 200)[:300, :500]],
    }
    assert motion(*pictures[kind]) == STILL


def path_of(*motions: Motion) -> CameraPath:
    path = CameraPath()
    for moment, each in enumerate(motions):
        path.move(moment, each)
    return path


def test_a_box_goes_to_where_the_camera_sees_it_at_another_moment() -> None:
    path = path_of(STILL, Motion(1, 10, -5), Motion(2, 0, 0))
    world = path.to_world(np.array([[100.0, 100.0, 120.0, 130.0]]), 0)[0]
    left, top, right, bottom = world.tolist()
    assert path.to_picture((left, top, right, bottom), 1) == (110, 95, 130, 125)
    assert path.to_picture((left, top, right, bottom), 2) == (220, 190, 260, 250)
    assert path.to_picture((left, top, right, bottom), 7) == (220, 190, 260, 250), (
        "until the next frame"
    )


def test_a_box_comes_back_from_the_world_as_it_was() -> None:
    path = path_of(*(Motion(1.01, 3.3, -2.7) for _ in range(200)))
    box = (100.25, 50.5, 140.75, 99.0)
    left, top, right, bottom = path.to_world(np.array([box]), 150)[0].tolist()
    assert path.to_picture((left, top, right, bottom), 150) == pytest.approx(box, abs=1e-9)


def test_forgetting_and_beginning_again_change_nothing_between_the_moments_that_are_left() -> None:
    step, origin = NANOSECONDS, np.array([[10.0, 10.0, 20.0, 20.0]])
    path = CameraPath()
    for number in range(100):
        path.move(number * step, Motion(1.01, 5, 1))

    def carried() -> Box:
        left, top, right, bottom = path.to_world(origin, 97 * step)[0].tolist()
        return path.to_picture((left, top, right, bottom), 99 * step)

    before = carried()
    path.forget(96 * step)
    path.begin_again()
    assert carried() == pytest.approx(before)
    assert path.to_picture((1, 2, 3, 4), 91 * step) == (1, 2, 3, 4), (
        "the origin is the oldest moment that is kept"
    )


def tracker_at(*boxes: Box | None, pan: float) -> tuple[Tracker, list[int]]:
    """A tracker that has seen a face in these boxes (x, y, width, height), a tenth of a second
    apart, under a pan."""
    tracker = Tracker(CoverageSettings())
    moments = [number * NANOSECONDS // 10 for number in range(len(boxes))]
    for moment, box in zip(moments, boxes, strict=True):
        tracker.move(moment, Motion(1, pan, 0) if moment else STILL)
        found = np.empty((0, 5), np.float32) if box is None else np.array([[*box, 0.9]], np.float32)
        assert tracker.feed(DetectionResult(moment, found, complete=True, latency=0))
    return tracker, moments


def test_a_lost_face_is_held_where_the_camera_has_taken_it() -> None:
    tracker, moments = tracker_at((100, 100, 20, 20), None, None, pan=30)
    (cover,) = tracker.coverage(moments[2])
    left, _, right, _ = cover.box
    assert left <= 160
    assert right >= 180
    assert right - left < 40, "and not where it was before"


def test_a_face_is_covered_where_it_was_before_it_was_found() -> None:
    tracker, moments = tracker_at(None, None, (160, 100, 20, 20), pan=30)
    (cover,) = tracker.coverage(moments[0])
    assert cover.box[0] <= 100
    assert 120 <= cover.box[2] < 140


def test_a_small_face_under_a_fast_pan_is_one_track() -> None:
    tracker, moments = tracker_at(
        *((100.0 + 50 * number, 100.0, 20.0, 20.0) for number in range(5)), pan=50
    )
    assert len(tracker._tracks) == 1
    for moment in moments:
        assert len(tracker.coverage(moment)) == 1


def test_what_is_said_is_covered_at_its_moment_whatever_the_camera_does() -> None:
    boxes = [(100.0 + 7 * number**2, 100.0 + 3 * number, 20.0, 24.0) for number in range(8)]
    tracker, moments = tracker_at(*boxes, pan=-33.3)
    for moment, (x, y, width, height) in zip(moments, boxes, strict=True):
        assert any(
            cover.box[0] <= x + 1e-6
            and cover.box[1] <= y + 1e-6
            and cover.box[2] >= x + width - 1e-6
            and cover.box[3] >= y + height - 1e-6
            for cover in tracker.coverage(moment)
        )


def test_the_motion_of_each_frame_reaches_the_tracker(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    clip = tmp_path / "pan.mp4"
    with av.open(clip, "w") as container:
        stream = container.add_stream("libx264", rate=30, options={"crf": "16"})
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number in range(5):
            frame = av.VideoFrame.from_ndarray(seen(300 - 10 * number, 200), "gray").reformat(
                format="yuv420p"
            )
            frame.pts, frame.time_base = number, Fraction(1, 30)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    moved: list[Motion] = []
    monkeypatch.setattr(Tracker, "move", lambda _tracker, _timestamp, motion: moved.append(motion))
    clock, stop = SystemClock(), Stop()
    with FileSource(clip, paced=False, loop=False, clock=clock, stop=stop) as source:
        window = Window(Config(), live=False, clock=clock)
        capture(source, FramePool(source.format, 8), window, Counters(), clock, stop)
    assert moved[0] == STILL
    assert [each.right for each in moved[1:]] == pytest.approx([10] * 4, abs=1.5)


def test_a_camera_that_zooms_for_an_hour_past_a_face_that_is_always_there_keeps_it_covered() -> (
    None
):
    """Driving on, it never sees a moment without a face; a hundred thousand zooms multiply beyond
    all numbers."""
    fed = Tracker(CoverageSettings())
    for number in range(108_000):
        moment = number * 33_000_000
        fed.move(moment, Motion(1.01, -3.2, -1.8))
        if number % 3 == 0:
            detections = np.array([[300.0, 160.0, 40.0, 50.0, 0.9]], np.float32)
            fed.feed(DetectionResult(moment, detections, complete=True, latency=0.0))
        if number % 1000 == 0:
            (cover,) = fed.coverage(moment)
            assert cover.box == pytest.approx((300, 160, 340, 210), abs=12)
        fed.forget(moment - 500_000_000)
