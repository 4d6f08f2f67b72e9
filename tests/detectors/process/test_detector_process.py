"""The detector in its own process, with the shipped model, and with everything that can go wrong in
there."""

import contextlib
import errno
import os
import select
import signal
import subprocess
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from anoncam.config.schema import DetectorSettings
from anoncam.detectors import model_file
from anoncam.detectors.detector import DetectionResult
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.errors import DetectorError
from anoncam.frames.frame import Frame, tight
from tests.support import injecting, portrait
from tests.support.checkout import ROOT

pytestmark = pytest.mark.integration

SETTINGS = DetectorSettings(model="anoncam-face-320x320", device="cpu")
SIMULATED = SETTINGS.model_copy(update={"runtime": "tflite-runtime"})


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> injecting.Faults:
    return injecting.Faults(tmp_path / "faults.json", monkeypatch)


@pytest.fixture(scope="module")
def face() -> Frame:
    return portrait.portrait_frame(tight(320, 240))[0]


@contextlib.contextmanager
def _started(settings: DetectorSettings = SETTINGS) -> Iterator[DetectorProcess]:
    with contextlib.closing(DetectorProcess(settings, 0.2)) as detector:
        yield detector


def _examine(detector: DetectorProcess, frame: Frame, timestamp: int = 7) -> DetectionResult:
    detector.submit(frame, timestamp)
    answer = detector.collect(20.0)
    assert answer is not None
    return answer


def _pid(detector: DetectorProcess) -> int:
    return detector._child.process.pid


def _status(pid: int) -> dict[str, str]:
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return dict(line.split(":\t", 1) for line in lines if ":\t" in line)


def _descriptors() -> list[str]:
    found = []
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found.append(str(path.readlink()).split(":")[0])
    return sorted(found)


def _children() -> set[str]:
    return set(
        Path(f"/proc/self/task/{threading.main_thread().native_id}/children").read_text().split()
    )


@pytest.mark.parametrize(
    ("fault", "said"),
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
def test_a_detector_that_fails_says_how(
    plan: injecting.Faults, face: Frame, fault: str, said: str
) -> None:
    with _started(SIMULATED) as detector:
        assert len(_examine(detector, face).detections) == 1
        plan.set(invoke=fault)
        detector.submit(face, 8)

        with pytest.raises(DetectorError, match=said):
            detector.collect(20.0)


@pytest.mark.parametrize("fault", ["stop", "hang", 3600])
def test_a_silent_detector_is_given_up_after_answer_timeout_and_leaves_no_zombie(
    plan: injecting.Faults, face: Frame, fault: object
) -> None:
    before = _children()
    with _started(SIMULATED.model_copy(update={"result_timeout": 0.3})) as detector:
        plan.set(invoke=fault)
        detector.submit(face, 8)
        assert detector.collect(0.01) is None
        with pytest.raises(DetectorError, match=r"silent for 0\.[3-9]"):
            detector.collect(20.0)
        assert _children() != before

    assert _children() == before


def test_a_killed_detector_is_noticed_at_the_next_answer_and_at_the_next_question(
    face: Frame,
) -> None:
    with _started() as detector:
        detector.submit(face, 1)
        os.kill(_pid(detector), signal.SIGKILL)
        with pytest.raises(DetectorError, match="was killed by SIGKILL"):
            detector.collect(20.0)
            detector.collect(20.0)
        with pytest.raises(DetectorError, match="was killed by SIGKILL"):
            detector.submit(face, 2)


def test_a_late_answer_is_none_first_and_then_comes(plan: injecting.Faults, face: Frame) -> None:
    with _started(SIMULATED) as detector:
        plan.set(invoke=0.2)
        detector.submit(face, 8)

        assert detector.collect(0) is None
        answer = detector.collect(20.0)

    assert answer is not None
    assert (answer.timestamp, len(answer.detections)) == (8, 1)
    assert answer.latency >= 0.2


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ("crash", r"killed by SIGSEGV, while it loaded .*anoncam-face-320x320\.tflite"),
        ("exit", r"ended with exit code 3, while it loaded"),
        ("refuse", r"cannot be loaded: Node number 7"),
    ],
)
def test_a_detector_that_cannot_load_its_model_says_so(
    plan: injecting.Faults, fault: str, said: str
) -> None:
    before = _children()
    plan.set(load=fault)

    with pytest.raises(DetectorError, match=said):
        DetectorProcess(SIMULATED, 0.2)

    assert _children() == before


def test_twenty_restarts_leave_no_descriptor_no_process_and_no_thread_behind(face: Frame) -> None:
    with _started():
        pass
    before = _descriptors(), _children(), threading.active_count()

    for number in range(20):
        with _started() as detector:
            if number % 5 == 0:
                _examine(detector, face)
        detector.close()
        detector.close()

    assert (_descriptors(), _children(), threading.active_count()) == before


def test_a_detector_that_cannot_be_started_leaves_no_descriptor_behind(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    before = _descriptors()
    monkeypatch.setattr(sys, "executable", "/nowhere/python")

    with pytest.raises(DetectorError, match=r"cannot be started: No such file"):
        DetectorProcess(SETTINGS, 0.2)

    assert _descriptors() == before


def test_the_child_cannot_be_dumped(plan: injecting.Faults, face: Frame) -> None:
    with _started(SIMULATED) as detector:
        limits = Path(f"/proc/{_pid(detector)}/limits").read_text().splitlines()
        plan.set(invoke="tell-dumpable")
        detector.submit(face, 1)
        with pytest.raises(DetectorError, match="exit code 40"):
            detector.collect(20.0)

    core = next(line for line in limits if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


def test_the_child_is_in_a_session_of_its_own_and_survives_the_stop_of_its_service(
    face: Frame,
) -> None:
    with _started() as detector:
        assert os.getsid(_pid(detector)) == _pid(detector)
        for number in (signal.SIGINT, signal.SIGTERM):
            os.kill(_pid(detector), number)

        assert len(_examine(detector, face).detections) == 1


def test_the_child_knows_no_settings_of_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANONCAM__SOURCE__ADDRESS", "rtsp://user:secret@camera/")
    monkeypatch.setenv("HARMLESS", "yes")

    with _started() as detector:
        environment = Path(f"/proc/{_pid(detector)}/environ").read_bytes()
        command = Path(f"/proc/{_pid(detector)}/cmdline").read_bytes()

    assert b"HARMLESS=yes" in environment
    assert b"secret" not in environment + command


def test_the_child_ends_when_its_parent_is_killed(plan: injecting.Faults, tmp_path: Path) -> None:
    plan.set()
    script = f"""
        import os, pathlib, sys
        sys.path[:0] = [{str(ROOT)!r}]
        from tests.support import frames
        from anoncam.config.schema import DetectorSettings
        from anoncam.detectors.process.detector_process import DetectorProcess
        from anoncam.frames.frame import tight
        settings = DetectorSettings(model="anoncam-face-320x320", device="cpu", runtime="tflite-runtime")
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
        pid = int(parent.stdout.readline())
        child = os.pidfd_open(pid)
        parent.kill()
    try:
        assert select.select([child], [], [], 20.0)[0], "the child lives on"
    finally:
        os.close(child)


def test_the_memory_of_parent_and_child_is_flat_over_500_requests(face: Frame) -> None:
    with _started() as detector:
        pids = os.getpid(), _pid(detector)
        for number in range(50):
            _examine(detector, face, number)
        before = [int(_status(pid)["VmRSS"].split()[0]) for pid in pids]
        for number in range(500):
            _examine(detector, face, number)
        after = [int(_status(pid)["VmRSS"].split()[0]) for pid in pids]

    assert max(later - earlier for earlier, later in zip(before, after, strict=True)) < 1024


def test_a_chatty_child_is_read_without_end_and_quoted_in_short(
    plan: injecting.Faults, face: Frame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    (tmp_path / "sitecustomize.py").write_text(
        "import sys\nif 'anoncam.detectors.process.worker' in sys.orig_argv:\n"
        "    sys.stderr.write('\\x1b[31m' + 'x' * 3_000_000 + '\\n')\n"
    )
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(injecting.RUNTIME))))
    plan.set(invoke="exit")
    with _started(SIMULATED) as detector:
        detector.submit(face, 1)
        with pytest.raises(DetectorError) as raised:
            detector.collect(20.0)

    assert len(str(raised.value)) < 400
    assert str(raised.value).isprintable()


def test_a_detector_that_leaks_memory_is_ended_before_it_takes_the_machine(
    plan: injecting.Faults, face: Frame
) -> None:
    with _started(SIMULATED) as detector:
        plan.set(invoke="leak")
        said = "ended with exit code 1: it leaks memory: it has grown by more than 128 MB"
        with pytest.raises(DetectorError, match=said):
            for number in range(200):
                _examine(detector, face, number)


def test_a_detector_for_whose_pictures_there_is_no_memory_is_an_error_of_the_detector(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def refuse(_descriptor: int, _length: int) -> None:
        raise OSError(errno.ENOMEM, os.strerror(errno.ENOMEM))

    before = _descriptors(), _children()
    monkeypatch.setattr(os, "ftruncate", refuse)
    with pytest.raises(
        DetectorError, match="no memory for the detector's pictures: Cannot allocate memory"
    ):
        DetectorProcess(SETTINGS, 0.2)
    assert (_descriptors(), _children()) == before


def test_that_memory_cannot_be_locked_is_no_last_word_of_a_child(
    plan: injecting.Faults, face: Frame, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    spoil = "from anoncam.frames import locked_memory as m; m.seal = m._warn_once"
    (tmp_path / "sitecustomize.py").write_text(spoil)
    monkeypatch.setenv("PYTHONPATH", os.pathsep.join((str(tmp_path), str(injecting.RUNTIME))))
    with _started(SIMULATED) as detector:
        plan.set(invoke="abort")
        detector.submit(face, 8)
        with pytest.raises(DetectorError, match=r"was killed by SIGABRT$"):
            detector.collect(20.0)


def test_a_model_file_that_is_overwritten_while_it_is_in_use_changes_nothing(
    face: Frame, tmp_path: Path
) -> None:
    shipped = model_file.shipped_folder() / "anoncam-face-320x320.tflite"
    mine = tmp_path / "mine.tflite"
    mine.write_bytes(shipped.read_bytes())
    mine.with_suffix(".json").write_bytes(shipped.with_suffix(".json").read_bytes())
    with _started(SETTINGS.model_copy(update={"model": str(mine)})) as detector:
        before = _examine(detector, face).detections
        mine.write_bytes(bytes(100))
        assert np.array_equal(_examine(detector, face).detections, before)
        assert len(before) == 1
