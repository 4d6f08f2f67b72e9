"""Starts detector processes, and finds what they leave behind."""

import contextlib
import threading
from collections import Counter
from collections.abc import Iterator
from pathlib import Path

import pytest

from anoncam.config.schema import DetectorSettings
from anoncam.detectors.detector import DetectionResult
from anoncam.detectors.process.child_process import ChildProcess
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.errors import DetectorError
from anoncam.frames.frame import Frame

SETTINGS = DetectorSettings(model="anoncam-face-320x320", device="cpu")
SIMULATED = SETTINGS.model_copy(update={"runtime": "tflite-runtime"})
"""The same, with the simulated runtime of `detector_faults`."""


@contextlib.contextmanager
def started(settings: DetectorSettings = SETTINGS, **other: object) -> Iterator[DetectorProcess]:
    """A detector with `settings`; with `other` settings than the default ones if there are any."""
    chosen = DetectorSettings.model_validate(other) if other else settings
    with contextlib.closing(DetectorProcess(chosen, 0.2)) as detector:
        yield detector


def refused(**settings: object) -> DetectorError:
    """The error with which a detector does not start."""
    with pytest.raises(DetectorError) as raised:
        DetectorProcess(DetectorSettings.model_validate(settings), 0.2)
    return raised.value


def infer(detector: DetectorProcess, frame: Frame, timestamp: int = 7) -> DetectionResult:
    """The result for `frame`."""
    detector.submit(frame, timestamp)
    result = detector.collect(20.0)
    assert result is not None
    return result


def pid(detector: DetectorProcess) -> int:
    """The number of the child process."""
    assert isinstance(detector._child, ChildProcess)
    return detector._child.process.pid


def descriptors() -> Counter[str]:
    """How many file descriptors of each path, or of a kind such as "socket", are open here.

    Threads of earlier tests may still end and close some. So compare what there is more of.
    """
    found: Counter[str] = Counter()
    for path in Path("/proc/self/fd").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found[str(path.readlink()).split(":")[0]] += 1
    return found


def children() -> set[str]:
    """The numbers of all child processes, also of ended ones that are still to be reaped."""
    return set(
        Path(f"/proc/self/task/{threading.main_thread().native_id}/children").read_text().split()
    )
