from typing import cast

import pytest

from anoncam.anonymizer import anonymizer as anonymizer_module
from anoncam.anonymizer import grid
from anoncam.anonymizer.anonymizer import Anonymizer
from anoncam.clock import NANOSECONDS
from anoncam.config.schema import AnonymizerSettings
from anoncam.events.event import Event
from anoncam.frames.frame import Frame
from anoncam.frames.pool import FramePool
from anoncam.pipeline.counters import Counters
from anoncam.pipeline.record import record
from anoncam.pipeline.window import Window
from anoncam.tracking.coverage import Coverage, CoverBox
from tests.support.events import EventLog
from tests.support.fakes import MemoryRecorder, secret_format

FACE = Coverage((CoverBox((10, 10, 30, 30), "track 1"),))


class ReadyFrames:
    """Stands in for a window whose frames are ready."""

    live = True

    def __init__(self, pool: FramePool, coverages: list[Coverage], interval: float = 0.0) -> None:
        self._pool = pool
        self._coverages = coverages
        self._interval = round(interval * NANOSECONDS)
        self._timestamp = 0

    def next_ready(self) -> tuple[Frame, Coverage] | None:
        if not self._coverages:
            return None
        frame = self._pool.acquire()
        assert frame is not None
        self._timestamp += self._interval
        frame.timestamp = self._timestamp
        return frame, self._coverages.pop(0)


def test_frames_that_are_veiled_because_covering_failed_count_as_veiled(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    pool, counters, recorder = FramePool(secret_format(), 2), Counters(), MemoryRecorder()
    original, calls = grid.lay_grid, iter(range(100))

    def lay_grid(*arguments: object) -> object:
        if next(calls) == 1:
            raise ZeroDivisionError
        return original(*arguments)  # type: ignore[arg-type]

    monkeypatch.setattr(anonymizer_module, "lay_grid", lay_grid)
    window = cast(Window, ReadyFrames(pool, [FACE] * 4))
    record(window, Anonymizer(AnonymizerSettings()), recorder, pool, counters)
    assert (counters.recorded, counters.veiled, counters.faces_covered) == (4, 1, 3)
    assert counters.veil == ""


def test_single_clear_frames_of_a_slow_detector_do_not_end_a_run_of_veiled_ones(
    event_log: EventLog,
) -> None:
    pool, counters, recorder = FramePool(secret_format(), 2), Counters(), MemoryRecorder()
    late, clear = Coverage(veil="no result"), Coverage()
    coverages = [clear, *[*[late] * 9, clear] * 3, *[clear] * 11]
    seen: list[str] = []
    recorder.meanwhile = lambda: seen.append(counters.veil)
    record(
        cast(Window, ReadyFrames(pool, coverages, interval=0.1)),
        Anonymizer(AnonymizerSettings()),
        recorder,
        pool,
        counters,
    )
    assert [fields["reason"] for fields in event_log.of(Event.VEIL_BEGAN)] == ["no result"]
    assert event_log.of(Event.VEIL_ENDED) == [{"frames": 27}]
    assert counters.veiled == 27
    assert seen == [""] + ["no result"] * 39 + [""] * 2


@pytest.mark.parametrize(
    ("clear", "text"),
    [
        (0, "no frame follows, after 3 veiled ones"),
        (20, "frames are clear again, after 3 veiled ones"),
    ],
)
def test_frames_are_called_clear_again_only_if_they_are(
    caplog: pytest.LogCaptureFixture, event_log: EventLog, clear: int, text: str
) -> None:
    pool, recorder = FramePool(secret_format(), 2), MemoryRecorder()
    coverages = [*[Coverage(veil="no result")] * 3, *[Coverage()] * clear]
    window = cast(Window, ReadyFrames(pool, coverages, interval=0.1))
    record(window, Anonymizer(AnonymizerSettings()), recorder, pool, Counters())
    assert event_log.of(Event.VEIL_ENDED) == [{"frames": 3}]
    assert caplog.messages[-1] == text
