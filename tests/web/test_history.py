from anoncam.web.history import MOST, History
from tests.support.fake_feed import STATUS
from tests.support.frames import FakeClock


def test_one_point_a_minute_is_kept_for_a_day() -> None:
    clock = FakeClock()
    history = History(clock)
    for _ in range(2 * MOST + 20):
        history.add(STATUS, 51.5)
        clock.advance(30)
    assert len(history.points()) == MOST
    assert history.points()[-1] == {
        "at": "2026-07-15T09:24:00Z",
        "fps": 30.0,
        "latency_ms": 20.0,
        "free_bytes": 10**10,
        "temperature": 51.5,
    }


def test_a_daemon_without_detector_and_recording_has_points_too() -> None:
    history = History(FakeClock())
    history.add({"fps": 0.0, "detector": None, "recording": None}, None)
    assert history.points()[0]["latency_ms"] is None
