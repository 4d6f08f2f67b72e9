"""The child process: how it is started, what it inherits, how it ends."""

import os
import signal
import sys
import threading
from pathlib import Path

import pytest

from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.errors import DetectorError
from anoncam.frames.frame import Frame
from tests.support import detector_faults
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


def test_twenty_restarts_leave_no_descriptor_no_process_and_no_thread_behind(face: Frame) -> None:
    with started():
        pass
    before = descriptors(), children(), set(threading.enumerate())

    for number in range(20):
        with started() as detector:
            if number % 5 == 0:
                infer(detector, face)
        detector.close()
        detector.close()

    assert not descriptors() - before[0]
    assert children() == before[1]
    assert not set(threading.enumerate()) - before[2]


def test_a_process_that_cannot_be_started_leaves_no_descriptor_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = descriptors()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    with pytest.raises(DetectorError, match=r"cannot be started: No such file"):
        DetectorProcess(SETTINGS, 0.2)

    assert not descriptors() - before


def test_the_child_is_in_a_session_of_its_own_and_survives_the_stop_of_its_service(
    face: Frame,
) -> None:
    with started() as detector:
        assert os.getsid(pid(detector)) == pid(detector)
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(pid(detector), number)

        assert len(infer(detector, face).detections) == 1


def test_the_child_inherits_no_settings_from_the_environment(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setenv("ANONCAM__SOURCE__ADDRESS", "rtsp://user:secret@camera/")
    monkeypatch.setenv("HARMLESS", "yes")

    with started() as detector:
        environment = Path(f"/proc/{pid(detector)}/environ").read_bytes()
        command = Path(f"/proc/{pid(detector)}/cmdline").read_bytes()

    assert b"HARMLESS=yes" in environment
    assert b"secret" not in environment + command


def test_stderr_of_a_child_is_always_read_and_quoted_in_short(
    plan: Faults, face: Frame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nif 'anoncam.detectors.process.worker' in sys.orig_argv:\n"
        "    sys.stderr.write('\\x1b[31m' + 'x' * 3_000_000 + '\\n')\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(detector_faults.RUNTIME))))
    plan.set(invoke="exit")
    with started(SIMULATED) as detector:
        detector.submit(face, 1)
        with pytest.raises(DetectorError) as raised:
            detector.collect(20.0)

    assert len(str(raised.value)) < 400
    assert str(raised.value).isprintable()
