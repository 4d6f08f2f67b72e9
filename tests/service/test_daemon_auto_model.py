"""Which model the real daemon takes for `auto`: such rates leave any time for a result, or none."""

from pathlib import Path

import pytest

from anoncam.detectors.model_file import DEFAULT_MODEL, LARGER_MODEL
from tests.support.daemons import SYNTHETIC, Start, recording, stop_well

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(("rate", "model"), [(0.1, LARGER_MODEL), (240, DEFAULT_MODEL)])
def test_a_camera_gets_the_model_whose_results_come_in_time_and_is_told_why(
    daemon: Start, rate: float, model: str
) -> None:
    running = daemon(f"{SYNTHETIC}detector: {{device: cpu, rate: {rate}}}\n")
    chosen = running.wait_for("detector-up")
    assert chosen.startswith(f"detector {model} runs on cpu")
    assert chosen.endswith("ms are allowed")
    recording(running)
    stop_well(running)
    assert running.status()["detector"]["model"] == model


def test_a_file_gets_the_default_however_much_time_there_is(daemon: Start, footage: Path) -> None:
    running = daemon(
        f"source: {{type: file, address: {footage}}}\ndetector: {{device: cpu, rate: 0.1}}\n"
    )
    assert running.wait() == 0
    assert running.of("detector-up")[0].startswith(f"detector {DEFAULT_MODEL} runs on cpu")
