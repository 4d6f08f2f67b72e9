import numpy as np
import pytest

from anoncam.clock import NANOSECONDS
from anoncam.pipeline.live_schedule import DRAIN
from anoncam.pipeline.waiting_frames import WaitingFrames
from anoncam.pipeline.window import NO_RESULT
from tests.support import fakes
from tests.support.window_bench import FACE, NO_FACE, Bench, config_with


def test_a_live_frame_leaves_at_its_deadline_veiled_when_no_result_covers_it() -> None:
    bench = Bench(live=True)
    bench.put(0)
    bench.clock.advance(0.49)
    assert not bench.take()
    bench.clock.advance(0.02)

    assert bench.take()
    assert bench.left[0][1].veil == NO_RESULT


def test_a_live_frame_between_two_results_is_covered_by_both() -> None:
    bench = Bench(live=True)
    bench.put(0)
    bench.submit()
    bench.add_result(detections=FACE)
    bench.put(40_000_000, 80_000_000)
    assert bench.submit() == 80_000_000
    bench.add_result(detections=FACE)
    bench.clock.advance(0.6)
    while bench.take():
        pass

    assert [bool(coverage.veil) for _, coverage in bench.left] == [False, False, False]
    assert [len(coverage.boxes) for _, coverage in bench.left] == [1, 1, 1]


def test_a_result_after_the_deadline_still_covers_the_frames_behind() -> None:
    bench = Bench(live=True)
    bench.put(0)
    bench.submit()
    bench.clock.advance(0.3)
    bench.put(300_000_000)
    bench.clock.advance(0.3)
    assert bench.take()
    bench.add_result(detections=FACE)
    assert bench.submit() == 300_000_000
    bench.add_result()
    bench.clock.advance(0.3)
    assert bench.take()

    assert [bool(coverage.veil) for _, coverage in bench.left] == [True, False]
    assert len(bench.left[1][1].boxes) == 1


def test_a_live_window_has_the_newest_frame_inferred_often_only_while_a_face_is_new() -> None:
    bench = Bench(live=True, config=config_with(rate=10.0))
    timestamps = fakes.evenly(61, 30)
    asked = []
    for number, timestamp in enumerate(timestamps):
        bench.put(timestamp)
        if bench.submit() is not None:
            asked.append(number)
        bench.add_result(detections=FACE if number >= 15 else NO_FACE)

    assert asked[:4] == [0, 5, 10, 15]
    assert asked[4:7] == [18, 21, 26], "at the rate, until the face is known"
    assert set(np.diff(asked[6:]).tolist()) == {5}


@pytest.mark.parametrize(("look_ahead", "max_gap"), [(0.5, 0.5), (0.25, 0.5), (0.5, 0.2)])
@pytest.mark.parametrize("rate", [2.0, 5.0, 20.0, 60.0])
def test_calm_leaves_a_slow_detector_as_much_time_as_the_rate_or_two_thirds_of_the_limit(
    rate: float, look_ahead: float, max_gap: float
) -> None:
    waiting = WaitingFrames(last_result=1)
    waiting.configure(config_with(rate, max_gap, look_ahead))
    limit = max(1 / rate, min(look_ahead, max_gap) / 3)
    assert 1 / rate <= waiting.wanted_interval / NANOSECONDS + 1e-9
    assert waiting.wanted_interval / NANOSECONDS <= limit + 1e-9


def test_the_first_frame_is_inferred_even_when_the_detector_is_late_for_it() -> None:
    bench = Bench(live=True)
    bench.put(0, 40_000_000)
    assert bench.submit() == 0
    bench.add_result()
    bench.put(160_000_000)
    assert bench.submit() == 160_000_000
    bench.add_result()
    bench.clock.advance(0.6)
    while bench.take():
        pass

    assert [bool(coverage.veil) for _, coverage in bench.left] == [False, False, False]


def test_a_live_window_that_ends_waits_for_its_last_results_for_a_limited_time() -> None:
    bench = Bench(live=True, config=config_with(look_ahead=5.0))
    bench.put(0, 10_000_000)
    bench.submit()
    bench.window.end()
    bench.clock.advance(DRAIN - 0.01)
    assert not bench.take()
    bench.clock.advance(0.02)

    assert bench.take()
    assert bench.take()
    assert bench.window.finished


def test_a_live_window_that_ends_is_empty_as_soon_as_all_results_are_there() -> None:
    bench = Bench(live=True, config=config_with(look_ahead=5.0))
    bench.put(0)
    bench.submit()
    bench.add_result()
    bench.put(10_000_000)
    bench.window.end()
    assert not bench.take()
    assert bench.submit() == 10_000_000
    bench.add_result()

    assert bench.take()
    assert bench.take()
    assert not any(coverage.veil for _, coverage in bench.left)


def test_the_last_frame_before_a_camera_stalls_is_inferred_whatever_the_rate() -> None:
    bench = Bench(live=True, config=config_with(rate=10))
    bench.put(0)
    assert bench.submit() == 0
    bench.add_result()
    bench.put(50_000_000)
    assert bench.submit() is None
    bench.clock.advance(0.17)
    assert bench.submit() == 50_000_000
    bench.add_result()
    bench.clock.advance(0.5)
    while bench.take():
        pass

    assert [coverage.veil for _, coverage in bench.left] == ["", ""]
