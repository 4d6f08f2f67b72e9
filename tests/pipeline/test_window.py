import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from anoncam.detectors.detector import Detections
from anoncam.pipeline.window import CROWDED, INCOMPLETE
from anoncam.tracking.parameters import Parameters
from tests.support import fakes
from tests.support.window_bench import FACE, NO_FACE, Bench, config_with

ACTIONS = st.one_of(
    st.tuples(st.just("put"), st.integers(1, 700)),
    st.tuples(st.just("cut"), st.integers(1, 700)),
    st.tuples(st.just("advance"), st.integers(0, 800)),
    st.tuples(
        st.sampled_from(
            [
                "read",
                "send",
                "submit",
                "submit",
                "add_result",
                "add_result",
                "part",
                "fail",
                "take",
                "take",
            ]
        )
    ),
    st.tuples(st.just("pool_ran_empty")),
)


def _act(bench: Bench, action: tuple[object, ...], now: int) -> int:
    match action:
        case ("put" | "cut" as kind, int(step)):
            now += step * 1_000_000
            bench.put(now, cut=kind == "cut" and not bench.window.live)
        case ("advance", int(step)):
            bench.clock.advance(step / 1000)
        case ("pool_ran_empty",):
            if not bench.window.live:
                bench.window.pool_ran_empty()
        case ("part",):
            bench.add_result(complete=False)
        case (str(name),):
            getattr(bench, name)()
    return now


@settings(deadline=None, max_examples=300)
@given(
    live=st.booleans(),
    actions=st.lists(ACTIONS, max_size=60),
    max_gap=st.sampled_from([0.0, 0.1, 0.5]),
    look_ahead=st.sampled_from([0.0, 0.3, 0.5]),
    rate=st.sampled_from([0.0, 2.0, 15.0]),
    abandoned=st.booleans(),
)
def test_no_frame_leaves_unveiled_unless_results_cover_its_timestamp(
    live: bool,
    actions: list[tuple[object, ...]],
    max_gap: float,
    look_ahead: float,
    rate: float,
    abandoned: bool,
) -> None:
    bench = Bench(live=live, config=config_with(rate, max_gap, look_ahead))
    now, came = 0, []
    for action in actions:
        before = len(bench.left)
        reading = bench.reading
        was, now = now, _act(bench, action, now)
        came += [now] if now != was else []
        for timestamp, coverage in bench.left[before:]:
            assert bool(coverage.veil) == (not bench.is_covered(timestamp, max_gap))
            assert reading is None or reading.timestamp != timestamp
    bench.send()
    bench.window.end()
    if abandoned:
        bench.window.abandon()
    while not bench.window.finished:
        before = len(bench.left)
        bench.submit()
        bench.add_result()
        bench.take()
        for timestamp, coverage in bench.left[before:]:
            assert bool(coverage.veil) == (not bench.is_covered(timestamp, max_gap))
        bench.clock.advance(0.1)

    assert [timestamp for timestamp, _ in bench.left] == came


@pytest.mark.parametrize("live", [True, False])
def test_a_frame_that_the_detector_reads_does_not_leave(live: bool) -> None:
    bench = Bench(live=live)
    bench.put(0)
    bench.read()
    bench.window.end()
    bench.window.abandon()
    bench.clock.advance(60)

    assert not bench.take()
    bench.send()
    assert bench.take()
    assert bench.left[0][1].veil


@pytest.mark.parametrize("live", [True, False])
def test_a_frame_may_leave_when_its_submission_failed(live: bool) -> None:
    bench = Bench(live=live)
    bench.put(0)
    bench.read()
    bench.fail()
    bench.window.abandon()

    assert bench.take()


@pytest.mark.parametrize("live", [True, False])
def test_what_was_submitted_to_a_detector_that_failed_is_submitted_again(live: bool) -> None:
    bench = Bench(live=live)
    timestamps = fakes.evenly(9, 30)
    bench.put(timestamps[0])
    bench.submit()
    bench.add_result()
    bench.put(*timestamps[1:])
    asked = bench.submit()
    bench.fail()

    assert bench.submit() == asked is not None


def test_an_abandoned_window_submits_nothing_and_lets_all_frames_leave() -> None:
    bench = Bench(live=False)
    bench.put(0)
    bench.window.abandon()
    bench.put(1)

    assert bench.submit() is None
    assert bench.take()
    assert bench.take()
    assert all(coverage.veil for _, coverage in bench.left)


def test_an_incomplete_result_covers_its_faces_but_not_its_timestamp() -> None:
    bench = Bench(live=True)
    bench.put(0)
    bench.submit()
    bench.add_result(detections=FACE, complete=False)
    bench.clock.advance(0.6)
    bench.take()

    assert bench.left[0][1].veil
    assert len(bench.left[0][1].boxes) == 1


def test_other_settings_take_effect_from_the_next_result_on() -> None:
    bench = Bench(live=True)
    bench.put(0)
    bench.submit()
    bench.add_result()
    bench.window.configure(config_with(max_gap=0.1))
    bench.put(50_000_000, 200_000_000)
    bench.submit()
    bench.add_result()
    bench.clock.advance(0.6)
    while bench.take():
        pass

    assert [bool(coverage.veil) for _, coverage in bench.left] == [False, True, False]


def _noise(count: int) -> Detections:
    """Detections side by side, as grain gives them."""
    places = np.arange(count, dtype=np.float32)
    boxes = (
        places % 40 * 20,
        places // 40 * 20,
        np.full(count, 15),
        np.full(count, 15),
        np.full(count, 0.9),
    )
    return np.stack(boxes, axis=1).astype(np.float32)


def test_a_result_with_too_many_detections_veils_all_frames_that_it_would_have_covered() -> None:
    bench = Bench(live=True, config=config_with(rate=30.0))
    timestamps = [number * 100_000_000 for number in range(40)]
    for number, timestamp in enumerate(timestamps):
        bench.put(timestamp)
        bench.submit()
        bench.add_result(
            detections=_noise(Parameters.max_detections + 1) if number == 15 else NO_FACE
        )
        bench.clock.advance(0.1)
        while bench.take():
            pass
    bench.window.end()
    bench.finish()

    veils = {timestamp: coverage.veil for timestamp, coverage in bench.left}
    # Half a second of look-ahead, of which the first frame has left when the result comes, and a
    # second of persistence.
    invalid = timestamps[11:26]
    assert [timestamp for timestamp in timestamps if veils[timestamp]] == invalid
    assert {veils[timestamp] for timestamp in invalid} == {CROWDED}


def test_a_full_output_is_the_reason_of_its_veil() -> None:
    bench = Bench(live=True)
    bench.put(0)
    bench.submit()
    bench.add_result(complete=False)
    bench.clock.advance(0.6)
    bench.take()

    assert bench.left[0][1].veil == INCOMPLETE
