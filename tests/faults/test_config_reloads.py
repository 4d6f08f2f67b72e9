"""The configuration of the real daemon is edited again and again while it records."""

import os
import random
import signal
import time
from collections.abc import Iterator
from itertools import pairwise

import pytest

from tests.faults.checking import Memory, is_well, play, recording_film, showing
from tests.faults.filming import FRAMES, Film
from tests.support.running import RunningDaemon

SECONDS, RATE = 60, 10

BROKEN = [
    "source: [",
    "detector: {rate: fast}",
    "coverage: {start_threshold: 0.1, keep_threshold: 0.2}",
    "recording: {retention: {max_size: much}}",
    "anonymizer: {zones: [[[0, 0], [1, 1]]]}",
    "detector: {model: /none/such.tflite}",
]


def edits(chance: random.Random, film: Film) -> Iterator[str]:
    """Settings that take effect at once, and every eighth time a mistake."""
    for number in range(SECONDS * RATE):
        if number % 8 == 7:
            yield recording_film(film) + chance.choice(BROKEN)
            continue
        yield recording_film(film, "").replace("min_free: 0", f"min_free: {number}B") + (
            f"detector: {{rate: {chance.choice([0, 10, 15])},"
            f" max_gap: {chance.uniform(0.4, 0.6):.2f}}}\n"
            f"coverage: {{start_threshold: {chance.uniform(0.2, 0.25):.2f},"
            f" persistence: {chance.uniform(0.5, 2):.1f}}}\n"
            f"anonymizer: {{fill: {chance.choice(['private', 'mean', 'solid'])},"
            f" rows: {chance.randint(3, 8)},"
            f" zones: {chance.choice(['[]', '[[[0, 0], [0.1, 0], [0.1, 0.1]]]'])}}}\n"
        )


def replace(running: RunningDaemon, config: str) -> None:
    """Edit the configuration as a careful editor does, so that no reload sees half of it, and send
    SIGHUP."""
    fresh = running.config.with_suffix(".new")
    fresh.write_text(config)
    os.replace(fresh, running.config)  # noqa: PTH105 - the name says that the old one is replaced
    running.process.send_signal(signal.SIGHUP)


@pytest.fixture
def running(film: Film, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RunningDaemon]:
    started = RunningDaemon(tmp_path_factory.mktemp("reloads"), recording_film(film))
    yield started
    started.kill()


def test_ten_edits_a_second_for_a_minute_cost_no_frame_and_uncover_no_face(
    running: RunningDaemon, film: Film
) -> None:
    is_well(running)
    memory = Memory.most_of(running)
    began = time.monotonic()
    for number, config in enumerate(edits(random.Random(1), film), 1):
        replace(running, config)
        time.sleep(max(0.0, began + number / RATE - time.monotonic()))
    running.wait_until(
        lambda _: len(running.of("config-reloaded")) + len(running.of("config-rejected")) > 100
    )
    before = len(running.of("config-reloaded"))
    replace(running, recording_film(film))
    running.wait_for("config-reloaded", before + 1)
    now = Memory.most_of(running)
    assert memory.allows(now), f"memory was {memory}, and is {now}"
    assert running.stop() == 0
    counts = running.status()["counts"]
    files = running.recordings()
    numbers = [film.read_number(picture) for path in files for picture in play(path)]
    # A machine that is busy with other things may drop frames, and veil some: it must report that.
    assert counts["captured"] - counts["dropped"] == counts["recorded"] == len(numbers)
    assert sum(number is None for number in numbers) <= counts["veiled"]
    steps = sum(
        None not in pair and pair[1] != ((pair[0] or 0) + 1) % FRAMES for pair in pairwise(numbers)
    )
    assert steps <= counts["dropped"]
    assert not list(showing(film, files))
    rejected = running.of("config-rejected")
    assert rejected
    assert len(running.of("source-chosen")) == len(running.of("detector-up")) == 1
    assert "Traceback" not in "\n".join(running.lines)
