"""The detector in its own process: its results, and everything that can go wrong with them."""

import errno
import os
import signal
from pathlib import Path

import numpy as np
import pytest

from anoncam.detectors import model_file
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.errors import DetectorError
from anoncam.frames.frame import Frame
from tests.support.detector_faults import Faults
from tests.support.detector_processes import (
    SETTINGS,
    SIMULATED,
    children,
    descriptors,
    infer,
    pid,
    started,
)

pytestmark = pytest.mark.integration


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("abort", "was killed by SIGABRT"),
        ("crash", "was killed by SIGSEGV"),
        ("exit", "ended with exit code 3"),
        (
            "refuse",
            "ended with exit code 1: RuntimeError: Node number 7 .EdgeTpuDelegateForCustomOp",
        ),
        ("no-numbers", "values that are no numbers"),
        ("ticket", "sent a result for the wrong frame"),
        ("short", "garbage: too short"),
        ("long", "garbage: wrong length"),
        ("endless", "garbage: wrong length"),
        ("not-finite", "garbage: numbers that are not finite"),
        ("outside", "garbage: impossible boxes"),
    ],
)
def test_a_failed_detector_raises_an_error_with_the_cause(
    plan: Faults, face: Frame, fault: str, text: str
) -> None:
    with started(SIMULATED) as detector:
        assert len(infer(detector, face).detections) == 1
        plan.set(invoke=fault)
        detector.submit(face, 8)

        with pytest.raises(DetectorError, match=text):
            detector.collect(20.0)


@pytest.mark.parametrize("fault", ["stop", "hang", 3600])
def test_a_silent_detector_is_ended_after_result_timeout_and_leaves_no_zombie(
    plan: Faults, face: Frame, fault: object
) -> None:
    before = children()
    with started(SIMULATED.model_copy(update={"result_timeout": 0.3})) as detector:
        plan.set(invoke=fault)
        detector.submit(face, 8)
        assert detector.collect(0.01) is None
        with pytest.raises(DetectorError, match=r"silent for 0\.[3-9]"):
            detector.collect(20.0)
        assert children() != before

    assert children() == before


def test_a_killed_detector_is_noticed_by_collect_and_by_submit(
    face: Frame,
) -> None:
    with started() as detector:
        detector.submit(face, 1)
        os.kill(pid(detector), signal.SIGKILL)
        with pytest.raises(DetectorError, match="was killed by SIGKILL"):
            detector.collect(20.0)
            detector.collect(20.0)
        with pytest.raises(DetectorError, match="was killed by SIGKILL"):
            detector.submit(face, 2)


def test_collect_returns_none_until_a_late_result_comes(plan: Faults, face: Frame) -> None:
    with started(SIMULATED) as detector:
        plan.set(invoke=0.2)
        detector.submit(face, 8)

        assert detector.collect(0) is None
        result = detector.collect(20.0)

    assert result is not None
    assert (result.timestamp, len(result.detections)) == (8, 1)
    assert result.latency >= 0.2


@pytest.mark.parametrize(
    ("fault", "text"),
    [
        ("crash", r"killed by SIGSEGV, while it loaded .*anoncam-face-320x320\.tflite"),
        ("exit", r"ended with exit code 3, while it loaded"),
        ("refuse", r"cannot be loaded: Node number 7"),
    ],
)
def test_a_model_that_cannot_be_loaded_raises_an_error_with_the_cause(
    plan: Faults, fault: str, text: str
) -> None:
    before = children()
    plan.set(load=fault)

    with pytest.raises(DetectorError, match=text):
        DetectorProcess(SIMULATED, 0.2)

    assert children() == before


def test_too_little_memory_for_the_pictures_raises_a_detector_error(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_descriptor: int, _length: int) -> None:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    before = descriptors(), children()
    monkeypatch.setattr(os, "ftruncate", refuse)
    with pytest.raises(
        DetectorError, match="no memory for the detector's pictures: Cannot allocate memory"
    ):
        DetectorProcess(SETTINGS, 0.2)
    assert not descriptors() - before[0]
    assert children() == before[1]


def test_a_model_file_that_is_overwritten_while_it_is_in_use_changes_nothing(
    face: Frame, tmp_path: Path
) -> None:
    shipped = model_file.shipped_folder() / "anoncam-face-320x320.tflite"
    mine = tmp_path / "mine.tflite"
    mine.write_bytes(shipped.read_bytes())
    mine.with_suffix(".json").write_bytes(shipped.with_suffix(".json").read_bytes())
    with started(SETTINGS.model_copy(update={"model": str(mine)})) as detector:
        before = infer(detector, face).detections
        mine.write_bytes(bytes(100))
        assert np.array_equal(infer(detector, face).detections, before)
        assert len(before) == 1
