"""The contract of `Detector`, for every backend, the simulated one included."""

import contextlib
import itertools
import os
import signal
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pytest

from anoncam.config.schema import DetectorSettings
from anoncam.detectors.detector import DetectionResult, Detector
from anoncam.detectors.process.detector_process import DetectorProcess, open_detector
from anoncam.detectors.simulated import Reaction, SimulatedDetector
from anoncam.errors import DetectorError
from anoncam.frames.frame import Frame, Layout, Picture, tight
from tests.support import portrait
from tests.support.detector_faults import Faults
from tests.support.detector_processes import pid
from tests.support.frames import blank
from tests.support.sharing import running_service

pytestmark = pytest.mark.integration

SETTINGS = DetectorSettings(model="anoncam-face-320x320", device="cpu")


@dataclass(frozen=True)
class Backend:
    detector: Detector
    end: Callable[[], None]


def _sees_the_portrait(picture: Picture, _timestamp: int) -> Reaction:
    if picture.luma.std() < 20:
        return Reaction()
    scale = min(picture.luma.shape) / 512
    return Reaction(np.array([[*(side * scale for side in portrait.FACE), 0.9]], np.float32))


@pytest.fixture(params=["shipped model", "simulated runtime", "simulated", "shared"])
def backend(
    request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Backend]:
    if request.param == "simulated":
        simulated = SimulatedDetector(_sees_the_portrait)
        yield Backend(simulated, lambda: simulated.fail("it was ended"))
        return
    if request.param == "shared":
        with (
            running_service(tmp_path / "socket", "model: anoncam-face-320x320") as service,
            contextlib.closing(open_detector(service.settings, 0.2)) as detector,
        ):
            yield Backend(detector, service.kill)
        return
    settings = SETTINGS
    if request.param == "simulated runtime":
        Faults(tmp_path / "faults.json", monkeypatch)
        settings = SETTINGS.model_copy(update={"runtime": "tflite-runtime"})
    with contextlib.closing(DetectorProcess(settings, 0.2)) as detector:
        yield Backend(detector, lambda: os.kill(pid(detector), signal.SIGKILL))


def _collect(detector: Detector) -> DetectionResult:
    result = detector.collect(20.0)
    assert result is not None
    return result


def _face(width: int = 320, height: int = 240) -> Frame:
    return portrait.portrait_frame(tight(width, height))[0]


def test_its_info_is_complete(backend: Backend) -> None:
    info = backend.detector.info

    assert info.model
    assert info.device
    assert info.reason
    assert info.runtime


def test_a_face_is_found_where_it_is(backend: Backend) -> None:
    for size, layout in itertools.product(
        [(320, 240), (641, 481), (1280, 720), (240, 400)], Layout
    ):
        frame, (x, y, width, height) = portrait.portrait_frame(tight(*size, layout))

        backend.detector.submit(frame, 5)
        result = _collect(backend.detector)

        assert result.timestamp == 5
        assert result.complete
        assert result.detections.dtype == np.float32
        assert result.detections.shape == (1, 5)
        left, top, across, down, score = result.detections[0].tolist()
        assert 0.4 < score <= 1
        assert abs(left + across / 2 - x - width / 2) < 0.25 * width
        assert abs(top + down / 2 - y - height / 2) < 0.25 * height
        assert 0.6 < across * down / (width * height) < 1.6


def test_nothing_is_found_in_an_empty_picture(backend: Backend) -> None:
    backend.detector.submit(blank(tight(320, 240)), 5)

    assert _collect(backend.detector).detections.shape == (0, 5)


def test_results_come_in_the_order_in_which_pictures_were_submitted(
    backend: Backend,
) -> None:
    face, nothing = _face(), blank(tight(320, 240))
    for number in range(6):
        backend.detector.submit(face, 2 * number)
        backend.detector.submit(nothing, 2 * number + 1)
        results = [_collect(backend.detector), _collect(backend.detector)]

        assert [result.timestamp for result in results] == [2 * number, 2 * number + 1]
        assert [len(result.detections) for result in results] == [1, 0]


def test_pictures_of_another_format_may_follow(backend: Backend) -> None:
    for size in ((320, 240), (640, 360), (320, 240)):
        backend.detector.submit(_face(*size), 1)
        assert len(_collect(backend.detector).detections) == 1


def test_a_picture_is_read_before_submit_returns_and_never_written(backend: Backend) -> None:
    frame = _face()
    before = frame.buffer.copy()
    backend.detector.submit(frame, 1)
    assert (frame.buffer == before).all()
    frame.buffer[:] = 128

    assert len(_collect(backend.detector).detections) == 1


def test_the_latency_is_plausible(backend: Backend) -> None:
    backend.detector.submit(_face(), 1)

    assert 0 <= _collect(backend.detector).latency < 20


def test_a_detector_that_has_ended_raises_an_error(backend: Backend) -> None:
    backend.detector.submit(_face(), 1)
    backend.end()

    with pytest.raises(DetectorError):
        # A result from before may still come.
        backend.detector.collect(20.0)
        backend.detector.submit(_face(), 2)
        backend.detector.collect(20.0)


def test_closing_is_idempotent_and_final(backend: Backend) -> None:
    backend.detector.close()
    backend.detector.close()

    with pytest.raises(DetectorError):
        backend.detector.submit(_face(), 1)
