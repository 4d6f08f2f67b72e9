"""What the child does by itself: it cannot be dumped, and neither leaks nor outlives its parent."""

import os
import select
import subprocess
import sys
import textwrap
from pathlib import Path

import pytest

from anoncam.errors import DetectorError
from anoncam.frames.frame import Frame
from tests.support import detector_faults
from tests.support.checkout import ROOT
from tests.support.detector_faults import Faults
from tests.support.detector_processes import SIMULATED, infer, pid, started

pytestmark = pytest.mark.integration


def _status(number: int) -> dict[str, str]:
    lines = Path(f"/proc/{number}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def test_the_child_cannot_be_dumped(plan: Faults, face: Frame) -> None:
    with started(SIMULATED) as detector:
        limits = Path(f"/proc/{pid(detector)}/limits").read_text().splitlines()
        plan.set(invoke="dumpable")
        detector.submit(face, 1)
        with pytest.raises(DetectorError, match="exit code 40"):
            detector.collect(20.0)

    core = next(line for line in limits if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


def test_the_child_ends_when_its_parent_is_killed(plan: Faults, tmp_path: Path) -> None:
    plan.set()
    script = f"""
        import os, pathlib, sys
        sys.path[:0] = [{str(ROOT)!r}]
        from tests.support import frames
        from anoncam.config.schema import DetectorSettings
        from anoncam.detectors.process.detector_process import DetectorProcess
        from anoncam.frames.frame import tight
        settings = DetectorSettings.model_validate({SIMULATED.model_dump()!r})
        detector = DetectorProcess(settings, 0.2)
        pathlib.Path({str(tmp_path / "faults.json")!r}).write_text('{{"invoke": "hang"}}')
        detector.submit(frames.blank(tight(64, 64)), 1)
        print(detector._child.process.pid, flush=True)
        detector.collect(1000)
    """
    parent = subprocess.Popen(
        [sys.executable, "-c", textwrap.dedent(script)],
        stdout=subprocess.PIPE,
        text=True,
        start_new_session=True,
    )
    with parent:
        assert parent.stdout is not None
        number = int(parent.stdout.readline())
        child = os.pidfd_open(number)
        parent.kill()
    try:
        assert select.select([child], [], [], 20.0)[0], "the child lives on"
    finally:
        os.close(child)


def test_the_memory_of_parent_and_child_is_flat_over_500_requests(face: Frame) -> None:
    with started() as detector:
        numbers = os.getpid(), pid(detector)
        for timestamp in range(50):
            infer(detector, face, timestamp)
        before = [int(_status(number)["VmRSS"].split()[0]) for number in numbers]
        for timestamp in range(500):
            infer(detector, face, timestamp)
        after = [int(_status(number)["VmRSS"].split()[0]) for number in numbers]

    assert max(later - earlier for earlier, later in zip(before, after, strict=True)) < 1024


def test_a_child_that_leaks_memory_ends_itself_however_large_its_parent_is(
    plan: Faults, face: Frame
) -> None:
    ballast = b"\x01" * (200 << 20)
    with started(SIMULATED) as detector:
        del ballast
        plan.set(invoke="leak")
        text = "ended with exit code 1: it leaks memory: it has grown by more than 128 MB"
        with pytest.raises(DetectorError, match=text):
            for number in range(60):
                infer(detector, face, number)


def test_a_warning_about_locked_memory_is_no_exit_reason(
    plan: Faults, face: Frame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spoil = "from anoncam.frames import locked_memory as m; m.seal = m._warn_once"
    (tmp_path / "sitecustomize.py").write_text(spoil)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(detector_faults.RUNTIME))))
    with started(SIMULATED) as detector:
        plan.set(invoke="abort")
        detector.submit(face, 8)
        with pytest.raises(DetectorError, match=r"was killed by SIGABRT$"):
            detector.collect(20.0)
