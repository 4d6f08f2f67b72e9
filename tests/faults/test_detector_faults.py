"""The detector process fails in every way we know, while the daemon records."""

import os
import signal
from collections.abc import Callable

import pytest
from faults.checking import Trouble, is_well, recording_film
from faults.filming import Film
from injecting import Faults
from running import RunningDaemon

DETECTOR = "detector: {runtime: tflite-runtime, device: cpu, model: anoncam-face-320x320}\n"


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


def test_a_detector_that_is_killed_is_replaced(trouble: Trouble) -> None:
    (child,) = trouble.running.children()
    os.kill(child, signal.SIGKILL)
    trouble.wait_for("detector-dead")
    trouble.is_over()
    assert None in trouble.check(told="detector-dead", over="detector-back")
    assert child not in trouble.running.children()


@pytest.mark.parametrize("fault", ["abort", "crash", "hang", "no-numbers", "refuse"])
def test_a_detector_that_fails_again_and_again_is_told_once(trouble: Trouble, plan: Faults, fault: str) -> None:
    plan.set(invoke=fault)
    trouble.wait_for("detector-dead")
    plan.set()
    trouble.is_over()
    assert None in trouble.check(told="detector-dead", over="detector-back")
