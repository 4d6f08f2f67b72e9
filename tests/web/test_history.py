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
        "veiled_percent": None,
        "faces": 1,
        "latency_ms": 20.0,
        "free_bytes": 10**10,
        "temperature": 51.5,
    }


def test_a_daemon_without_detector_and_recording_has_points_too() -> None:
    history = History(FakeClock())
    history.add({"fps": 0.0, "detector": None, "recording": None}, None)
    assert history.points()[0]["latency_ms"] is None


def test_between_two_points_the_veiled_frames_are_counted_and_the_most_faces_kept() -> None:
    clock = FakeClock()
    history = History(clock)
    told = ((100, 50, 1), (160, 50, 4), (200, 75, 0), (30, 0, 0), (40, 10, 2))
    for recorded, veiled, faces in told:
        counts = {"recorded": recorded, "veiled": veiled, "faces": faces}
        history.add({"counts": counts}, None)
        clock.advance(30)
    shown = [(each["veiled_percent"], each["faces"]) for each in history.points()]
    assert shown == [(None, 1), (25.0, 4), (None, 2)]
