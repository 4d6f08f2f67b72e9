"""The detector process fails in every way we know, while the daemon records."""

import os
import signal
from collections.abc import Callable
from typing import Any

import pytest

from tests.faults.checking import Trouble, is_well, recording_film
from tests.faults.filming import Film
from tests.support.detector_faults import Faults
from tests.support.running import RunningDaemon, anoncam

DETECTOR = "detector: {runtime: tflite-runtime, device: cpu, model: anoncam-face-320x320}\n"

VEILED = 8
"""What `anoncam status` ends with while frames are veiled."""


@pytest.fixture(scope="module")
def plan(tmp_path_factory: pytest.TempPathFactory) -> Faults:
    return Faults(tmp_path_factory.mktemp("plan") / "faults.json")


@pytest.fixture(scope="module")
def life(daemon: Callable[..., RunningDaemon], film: Film, plan: Faults) -> RunningDaemon:
    """One daemon for all faults: each of them must leave it as it was."""
    return daemon(recording_film(film, DETECTOR), plan.environment)


@pytest.fixture
def trouble(life: RunningDaemon, film: Film, plan: Faults) -> Trouble:
    plan.set()
    return Trouble(is_well(life), film)


def veiled_because(reason: str) -> Callable[[dict[str, Any]], bool]:
    return lambda status: reason in status["counts"]["veil"]


def is_veiled_because(running: RunningDaemon, reason: str) -> None:
    """Wait until the status file reports the reason, and check that the command does too."""
    running.wait_until(veiled_because(reason))
    ended = anoncam("status", environment={"STATE_DIRECTORY": str(running.state)})
    assert ended.returncode == VEILED
    assert "whole frames are covered" in ended.stdout


def test_a_detector_that_is_killed_is_replaced(trouble: Trouble) -> None:
    (child,) = trouble.running.detectors()
    os.kill(child, signal.SIGKILL)
    assert "killed by SIGKILL" in trouble.wait_for("detector-dead")
    trouble.is_over()
    # Whether frames were veiled depends on how soon the next one gave a result.
    trouble.check(event="detector-dead", over="detector-back")
    assert child not in trouble.running.detectors()


@pytest.mark.parametrize(
    "faults",
    [
        {
            "abort": "SIGABRT",
            "crash": "SIGSEGV",
            "exit": "exit code 3",
            "refuse": "failed to invoke",
        },
        {"no-numbers": "no numbers", "not-finite": "not finite", "outside": "impossible boxes"},
        {
            "short": "too short",
            "long": "wrong length",
            "endless": "wrong length",
            "ticket": "the wrong frame",
        },
    ],
    ids=["dies", "reports what cannot be", "breaks its form"],
)
def test_a_detector_that_fails_at_every_picture_in_one_way_and_another_is_one_trouble(
    trouble: Trouble, plan: Faults, faults: dict[str, str]
) -> None:
    for fault, reason in faults.items():
        plan.set(invoke=fault)
        trouble.running.wait_until(veiled_because(reason))
    plan.set()
    trouble.is_over()
    assert None in trouble.check(event="detector-dead", over="detector-back")


def test_a_detector_that_hangs_for_ever_is_killed_at_its_time_out(
    trouble: Trouble, plan: Faults
) -> None:
    (child,) = trouble.running.detectors()
    plan.set(invoke="hang")
    assert "has been silent for 2." in trouble.wait_for("detector-dead")
    plan.set()
    trouble.is_over()
    assert None in trouble.check(event="detector-dead", over="detector-back")
    assert child not in trouble.running.detectors()


def test_a_late_detector_veils_the_frames_that_its_results_do_not_cover(
    trouble: Trouble, plan: Faults
) -> None:
    (child,) = trouble.running.detectors()
    plan.set(invoke=0.9)
    trouble.wait_for("detector-late")
    is_veiled_because(trouble.running, "no result")
    plan.set()
    trouble.is_over()
    assert None in trouble.check(event="detector-late", over="detector-back")
    assert trouble.running.detectors() == [child], "a late one must not be killed"


def test_a_detector_whose_output_is_full_may_have_missed_a_face(
    trouble: Trouble, plan: Faults
) -> None:
    plan.set(invoke="full")
    assert "as many faces as its output can hold" in trouble.wait_for("veil-began")
    is_veiled_because(trouble.running, "as many faces")
    plan.set()
    trouble.is_over()
    assert None in trouble.check(event="veil-began", over="veil-ended")


def test_a_detector_that_takes_noise_for_faces_is_not_believed(
    trouble: Trouble, plan: Faults
) -> None:
    plan.set(invoke="crowd-1500")
    assert "more detections than can be covered" in trouble.wait_for("veil-began")
    is_veiled_because(trouble.running, "more detections than can be covered")
    plan.set()
    trouble.is_over()
    assert None in trouble.check(event="veil-began", over="veil-ended")


def test_a_detector_that_leaks_memory_is_replaced_before_it_takes_the_machine(
    trouble: Trouble, plan: Faults
) -> None:
    (child,) = trouble.running.detectors()
    plan.set(invoke="leak")
    assert "it leaks memory" in trouble.wait_for("detector-dead")
    plan.set()
    trouble.is_over()
    trouble.check(event="detector-dead", over="detector-back")
    assert child not in trouble.running.detectors()


def test_a_detector_that_cannot_load_its_model_is_tried_until_it_can(
    trouble: Trouble, plan: Faults
) -> None:
    (child,) = trouble.running.detectors()
    plan.set(load="refuse")
    os.kill(child, signal.SIGKILL)
    is_veiled_because(trouble.running, "cannot be loaded")
    plan.set()
    trouble.is_over()
    assert None in trouble.check(event="detector-dead", over="detector-back")


def test_faces_outside_of_the_picture_change_nothing(trouble: Trouble, plan: Faults) -> None:
    plan.set(invoke="beyond")
    before = trouble.running.status()["counts"]["inferred"]
    trouble.running.wait_until(lambda status: status["counts"]["inferred"] > before + 20)
    plan.set()
    trouble.is_over()
    trouble.check(also=["detector-late", "detector-back"])


def test_a_life_full_of_faults_ends_well_with_every_frame_accounted_for(
    life: RunningDaemon,
) -> None:
    assert is_well(life).stop() == 0
    counts = life.status()["counts"]
    assert counts["captured"] == counts["recorded"] + counts["dropped"]
    assert not life.of("stage-failed")
    assert not life.of("stage-frozen")
