import numpy as np
import pytest

from anoncam.clock import NANOSECONDS
from anoncam.frames.boxes import Box
from anoncam.motion.camera_motion import STILL, Motion
from anoncam.motion.camera_path import CameraPath


def path_of(*motions: Motion) -> CameraPath:
    path = CameraPath()
    for timestamp, each in enumerate(motions):
        path.add(timestamp, each)
    return path


def test_a_box_goes_to_where_the_camera_sees_it_at_another_time() -> None:
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


def test_forgetting_and_rebasing_change_nothing_between_the_timestamps_that_are_left() -> None:
    step, origin = NANOSECONDS, np.array([[10.0, 10.0, 20.0, 20.0]])
    path = CameraPath()
    for number in range(100):
        path.add(number * step, Motion(1.01, 5, 1))

    def carried() -> Box:
        left, top, right, bottom = path.to_world(origin, 97 * step)[0].tolist()
        return path.to_picture((left, top, right, bottom), 99 * step)

    before = carried()
    path.forget(96 * step)
    path.rebase()
    assert carried() == pytest.approx(before)
    assert path.to_picture((1, 2, 3, 4), 91 * step) == (1, 2, 3, 4), (
        "the origin is at the oldest timestamp kept"
    )
