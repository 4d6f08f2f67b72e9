"""More work than the machine can do: frames are dropped before the pool, and what is recorded is
covered."""

import json
import os
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.faults.checking import BY_LOAD, Memory, Trouble, is_well, recording_film
from tests.faults.filming import FPS, Film
from tests.faults.stealing import stealing
from tests.support.detector_faults import Faults
from tests.support.running import RunningDaemon, anoncam

DETECTOR = "runtime: tflite-runtime, device: cpu, model: anoncam-face-320x320"

SLOW_ENCODER = """
import os, time
from anoncam.recording.segment import Segment

write = Segment.write

def slow(self, frame):
    if os.path.exists({brake!r}):
        time.sleep(0.25)
    return write(self, frame)

Segment.write = slow
"""
"""Five times slower than the camera, for as long as there is a file of that name."""

UNDER_LOAD = (*BY_LOAD, *BY_LOAD.values())
"""Events that are allowed where other processes want the machine too."""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Faults:
    return Faults(tmp_path_factory.mktemp("plan") / "faults.json")


@pytest.fixture(scope="module")
def brake(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("brake") / "encoder"


@pytest.fixture(scope="module")
def life(
    daemon: Callable[..., RunningDaemon], film: Film, plan: Faults, brake: Path
) -> RunningDaemon:
    config = recording_film(film, f"detector: {{{DETECTOR}}}\n")
    return daemon(config, plan.environment, SLOW_ENCODER.format(brake=str(brake)))


@pytest.fixture
def trouble(life: RunningDaemon, film: Film, plan: Faults, brake: Path) -> Trouble:
    plan.set()
    brake.unlink(missing_ok=True)
    # The drops of the test before may not be over yet, and must not count for this one.
    is_well(life).wait_until(
        lambda _: len(life.of("frames-dropping")) == len(life.of("frames-dropped"))
    )
    return Trouble(life, film)


def status_of(running: RunningDaemon) -> dict[str, Any]:
    """What `anoncam status` reports."""
    ended = anoncam("status", "--json", environment={"STATE_DIRECTORY": str(running.state)})
    found: dict[str, Any] = json.loads(ended.stdout)
    return found


def recorded_since(before: dict[str, Any], seconds: float) -> Callable[[dict[str, Any]], bool]:
    """Whether so many seconds of footage more have been recorded."""
    wanted = before["counts"]["recorded"] + seconds * FPS
    return lambda status: bool(status["counts"]["recorded"] > wanted)


@pytest.mark.parametrize(("faces", "boxes"), [(4, 4), (400, 100)])
def test_four_and_four_hundred_faces_more_are_covered_like_the_one(
    trouble: Trouble, plan: Faults, faces: int, boxes: int
) -> None:
    plan.set(invoke=f"crowd-{faces}")
    # Of faces side by side, several lie in one box of the least size.
    seen = trouble.running.wait_until(lambda status: status["counts"]["faces"] >= boxes)
    for _ in range(3):
        before = status_of(trouble.running)
        assert before["state"] == "recording"
        assert before["counts"]["faces"] >= boxes or before["counts"]["veil"]
        seen = trouble.running.wait_until(recorded_since(before, 1.0))
    # What an allocator keeps of hundreds of tracks; it does not grow with time.
    trouble.growth = 64 << 10
    assert Memory.of(trouble.running).kilobytes < trouble.memory.kilobytes + trouble.growth, seen
    plan.set()
    trouble.is_over()
    trouble.check(also=UNDER_LOAD)


def test_an_encoder_slower_than_the_camera_costs_frames_before_the_pool_and_none_half_way(
    trouble: Trouble, brake: Path
) -> None:
    running = trouble.running
    brake.touch()
    trouble.wait_for("frames-dropping")
    first = status_of(running)
    later = running.wait_until(
        lambda status: status["counts"]["dropped"] > first["counts"]["dropped"] + 2 * FPS
    )
    now = status_of(running)
    assert now["state"] == "recording"
    assert now["fps"] < FPS / 2, "the status reports too high a rate"
    assert now["counts"]["dropped"] >= later["counts"]["dropped"]
    # What was neither recorded nor dropped waits in the pool: half a second of frames, and some to
    # spare.
    under_way = now["counts"]["captured"] - now["counts"]["recorded"] - now["counts"]["dropped"]
    assert 0 <= under_way <= FPS / 2 + 10
    brake.unlink()
    trouble.is_over()
    trouble.check(event="frames-dropping", over="frames-dropped", also=UNDER_LOAD)


def test_a_processor_that_others_take_costs_no_face(trouble: Trouble) -> None:
    running = trouble.running
    with stealing(3 * (os.cpu_count() or 1)):
        for _ in range(3):
            before = status_of(running)
            assert before["exit_code"] in (0, 8), "recording, veiled or not"
            running.wait_until(recorded_since(before, 1.0))
    trouble.is_over()
    trouble.check(also=UNDER_LOAD)


def test_a_life_under_load_ends_well_with_every_frame_accounted_for(
    life: RunningDaemon, film: Film
) -> None:
    assert is_well(life).stop() == 0
    counts = life.status()["counts"]
    assert counts["captured"] == counts["recorded"] + counts["dropped"]
    assert counts["dropped"] > 0
    assert not life.of("stage-failed")
    assert not life.of("stage-frozen")


def test_a_detector_ten_times_slower_than_the_camera_leaves_no_face_and_no_frame_uncovered(
    daemon: Callable[..., RunningDaemon], film: Film, plan: Faults
) -> None:
    # Each frame waits until the results before and after it have come: two of 0.5 s, and what the
    # machine adds.
    settings = f"detector: {{{DETECTOR}, max_gap: 2}}\ncoverage: {{look_ahead: 2.5}}\n"
    running = is_well(daemon(recording_film(film, settings), plan.environment))
    trouble = Trouble(running, film)
    plan.set(invoke=10 / FPS)
    slow = running.wait_until(lambda status: status["detector"]["latency_ms"] >= 10_000 / FPS)
    running.wait_until(recorded_since(slow, 6.0))
    assert status_of(running)["state"] == "recording"
    plan.set()
    trouble.is_over()
    veiled = trouble.check().count(None)
    assert not veiled or trouble.is_crowded_out
    assert running.stop() == 0
