"""The Coral goes in mid-stream and comes back, with and without the processor in its place."""

import json
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from anoncam.detectors import model_file
from tests.faults.checking import Trouble, is_well, recording_film
from tests.faults.filming import Film
from tests.support.detector_faults import Faults
from tests.support.running import RunningDaemon, anoncam

SOONER = "import anoncam.detectors.coral_fallback as coral; coral.RETRY_PAUSE = 2.0"
"""Half a minute is long in a test."""


@pytest.fixture
def compiled_face(tmp_path: Path) -> Path:
    """A face model with its CPU twin: what the compiler leaves, but for the code of the Edge
    TPU."""
    shipped = model_file.shipped_folder() / "anoncam-face-320x320.tflite"
    shutil.copy(shipped, tmp_path / "face.tflite")
    shutil.copy(shipped.with_suffix(".json"), tmp_path / "face.json")
    compiled = tmp_path / "face_edgetpu.tflite"
    compiled.write_bytes(shipped.read_bytes() + b"edgetpu-custom-op")
    return compiled


@pytest.fixture
def plan(tmp_path: Path) -> Faults:
    plan = Faults(tmp_path / "faults.json")
    plan.set(coral=True)
    return plan


def settings(model: Path, fallback: str) -> str:
    return (
        "detector: {runtime: tflite-runtime, device: coral,"
        f" fallback: {fallback}, model: {model}}}\n"
    )


def detector(running: RunningDaemon) -> dict[str, object]:
    """What `anoncam status` reports of the detector."""
    reported = anoncam("status", "--json", environment={"STATE_DIRECTORY": str(running.state)})
    found: dict[str, object] = json.loads(reported.stdout)["detector"]
    return found


def test_without_the_coral_frames_are_veiled_until_it_is_back(
    daemon: Callable[..., RunningDaemon], film: Film, plan: Faults, compiled_face: Path
) -> None:
    running = is_well(
        daemon(recording_film(film, settings(compiled_face, "veil")), plan.environment)
    )
    trouble = Trouble(running, film)
    plan.set(coral=False)
    trouble.wait_for("detector-dead")
    running.wait_until(lambda status: "no Coral is connected" in status["counts"]["veil"])
    assert anoncam("status", environment={"STATE_DIRECTORY": str(running.state)}).returncode == 8
    plan.set(coral=True)
    trouble.is_over()
    assert None in trouble.check(event="detector-dead", over="detector-back")
    assert detector(running)["device"] == "coral"


def test_with_a_fallback_the_processor_goes_on_and_the_coral_takes_over_again_when_it_is_back(
    daemon: Callable[..., RunningDaemon], film: Film, plan: Faults, compiled_face: Path
) -> None:
    config = recording_film(film, settings(compiled_face, "cpu"))
    running = is_well(daemon(config, plan.environment, SOONER))
    trouble = Trouble(running, film)
    plan.set(coral=False)
    assert "the Coral has failed: the processor does its work" in trouble.wait_for("coral-unusable")
    trouble.is_over()
    running.wait_until(lambda status: status["detector"]["device"] == "cpu")
    reported = detector(running)
    assert (reported["model"], reported["coral_problem"]) == ("face", "the Coral has failed")
    trouble.check(event="detector-dead", over="detector-back", also=["coral-unusable"])

    back = Trouble(running, film)
    plan.set(coral=True)
    back.wait_for("coral-back")
    running.wait_until(lambda status: status["detector"]["device"] == "coral")
    reported = detector(running)
    assert (reported["model"], reported["coral_problem"]) == ("face_edgetpu", "")
    veiled = back.check(event="coral-back", over="coral-back").count(None)
    assert not veiled or back.is_crowded_out, "the way back was veiled"
    assert len(running.of("coral-unusable")) == len(running.of("coral-back")) == 1
