import errno
import os
from dataclasses import replace

import pytest

from anoncam.config.schema import DetectorSettings
from anoncam.detectors.coral_fallback import (
    CORAL_FAILED,
    LONGEST_RETRY_PAUSE,
    RETRY_PAUSE,
    CoralFallback,
)
from anoncam.detectors.detector import Detector
from anoncam.detectors.simulated import INFO, Reaction, SimulatedDetector
from anoncam.errors import CoralError, DetectorError


class Coral:
    """Starts detectors as one would be started where a Coral is, or is not."""

    def __init__(self) -> None:
        self.connected = True
        self.works = True
        self.hangs = False
        self.has_descriptors = True
        self.started: list[SimulatedDetector] = []
        self.devices: list[str] = []

    def __call__(self, settings: DetectorSettings, floor: float) -> Detector:
        self.devices.append(settings.device)
        if not self.has_descriptors:
            raise OSError(errno.EMFILE, os.strerror(errno.EMFILE))
        device, problem = "cpu", ""
        if settings.device != "cpu":
            if self.hangs:
                raise DetectorError("the detector did not start within 30 s")
            device = "coral" if self.connected else "cpu"
            problem = "" if self.connected else "no Coral is connected"
            if problem and settings.device == "coral" and settings.fallback == "veil":
                raise CoralError(problem)
        reaction = Reaction(error="" if self.works or device == "cpu" else "it failed")
        info = replace(INFO, device=device, coral_problem=problem)
        self.started.append(SimulatedDetector(lambda _picture, _timestamp: reaction, info=info))
        return self.started[-1]


def make(coral: Coral, **settings: object) -> CoralFallback[Detector]:
    model = {"model": "anoncam-face-320x320", "device": "coral", "fallback": "cpu"}
    return CoralFallback(DetectorSettings.model_validate(model | settings), 0.2, coral)


def test_after_a_failed_coral_the_cpu_is_used_until_the_coral_gives_a_result_again() -> None:
    coral = Coral()
    start = make(coral)
    assert start().info.device == "coral"
    on_cpu = start()
    assert (on_cpu.info.device, on_cpu.info.coral_problem) == ("cpu", CORAL_FAILED)
    assert start().info.device == "cpu"
    back = start.try_the_coral()
    assert back is not None
    assert (back.info.device, back.info.coral_problem) == ("coral", "")
    assert not coral.started[-1].closed
    assert start().info.coral_problem == CORAL_FAILED


@pytest.mark.parametrize("settings", [{"fallback": "veil"}, {"device": "cpu"}])
def test_without_a_fallback_every_start_uses_the_configured_device(
    settings: dict[str, object],
) -> None:
    coral = Coral()
    start = make(coral, **settings)
    for _ in range(3):
        start()
    assert len(set(coral.devices)) == 1


def test_auto_falls_back_too() -> None:
    start = make(Coral(), device="auto", fallback="veil")
    assert [start().info.device for _ in range(2)] == ["coral", "cpu"]


def test_a_coral_that_starts_without_giving_a_result_is_not_used_again() -> None:
    coral = Coral()
    coral.connected = False
    start = make(coral)
    assert start().info.coral_problem == "no Coral is connected"
    assert start.try_the_coral() is None
    coral.connected, coral.works = True, False
    assert start.try_the_coral() is None
    assert coral.started[-1].closed
    coral.works, coral.has_descriptors = True, False
    assert start.try_the_coral() is None
    coral.has_descriptors = True
    assert start.try_the_coral() is not None


def test_after_a_coral_that_hangs_at_its_start_the_cpu_is_used(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    coral = Coral()
    coral.hangs = True
    start = make(coral)
    monkeypatch.setattr(start, "_is_compiled", lambda: True)
    with pytest.raises(DetectorError):
        start()
    assert start().info.coral_problem == CORAL_FAILED


def test_a_coral_that_fails_each_time_is_tried_less_and_less_often() -> None:
    start = make(Coral())
    pauses = []
    for _ in range(40):
        start.try_the_coral()
        start()
        pauses.append(start.pause)
    assert pauses[:3] == [RETRY_PAUSE, 2 * RETRY_PAUSE, 3 * RETRY_PAUSE]
    assert pauses[-1] == LONGEST_RETRY_PAUSE
