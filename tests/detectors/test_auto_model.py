import contextlib
from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

import pytest

from anoncam.config.schema import Config, DetectorSettings
from anoncam.detectors import auto_model, model_file
from anoncam.detectors.auto_model import AutoModel, longest_time
from anoncam.detectors.detector import DetectionResult
from anoncam.detectors.model_file import DEFAULT_MODEL, LARGER_MODEL
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.detectors.simulated import INFO, Reaction, SimulatedDetector
from anoncam.errors import CoralError, DetectorError, ModelError
from anoncam.frames.frame import Frame
from tests.support.detector_processes import infer

AUTO = DetectorSettings(device="cpu")
LONGEST = 0.0125


class Timed(SimulatedDetector):
    """A detector whose results take these seconds, one after the other; the last one for ever."""

    def __init__(self, model: str, times: Iterable[float], error: str, *, silent: bool) -> None:
        reaction = Reaction(error=error, silent=silent)
        info = replace(INFO, model=model)
        super().__init__(lambda _picture, _timestamp: reaction, info=info, result_timeout=0.0)
        self._times = list(times)

    def collect(self, timeout: float) -> DetectionResult | None:
        result = super().collect(timeout)
        took = self._times.pop(0) if len(self._times) > 1 else self._times[0]
        return None if result is None else replace(result, latency=took)


class Machine:
    """Starts detectors as one would be started where results of the larger model take `times`."""

    def __init__(self, *times: float) -> None:
        self.times = times or (0.009,)
        self.error: DetectorError | None = None
        self.dies = ""
        self.silent = False
        self.started: list[Timed] = []

    def __call__(self, settings: DetectorSettings, floor: float) -> Timed:
        is_larger = settings.model == LARGER_MODEL
        if is_larger and self.error is not None:
            raise self.error
        model = DEFAULT_MODEL if settings.model == "auto" else settings.model
        silent, dies = (self.silent, self.dies) if is_larger else (False, "")
        self.started.append(Timed(model, self.times, dies, silent=silent))
        return self.started[-1]

    @property
    def open(self) -> list[str]:
        return [each.info.model for each in self.started if not each.closed]


def with_twins(monkeypatch: pytest.MonkeyPatch, *names: str) -> None:
    """Have these models be compiled for the Coral."""
    compiled = [model_file.find(name) for name in names]
    monkeypatch.setattr(
        model_file, "coral_twin", lambda model: model if model in compiled else None
    )


@pytest.mark.parametrize(
    ("took", "model"), [(0.001, LARGER_MODEL), (LONGEST, LARGER_MODEL), (0.0126, DEFAULT_MODEL)]
)
def test_the_larger_model_is_taken_if_its_results_take_no_longer_than_they_may(
    took: float, model: str
) -> None:
    machine = Machine(took)
    assert AutoModel(LONGEST, machine)(AUTO, 0.2).info.model == model
    assert machine.open == [model], "the other one was left open"


@pytest.mark.parametrize(
    ("times", "model"),
    [
        ((3.0, 0.012, 3.0, 0.011), LARGER_MODEL),
        ((0.001, 0.02, 0.001, 0.02), DEFAULT_MODEL),
    ],
)
def test_the_median_of_three_results_after_a_first_one_decides(
    times: tuple[float, ...], model: str
) -> None:
    assert AutoModel(LONGEST, Machine(*times))(AUTO, 0.2).info.model == model


def test_the_reason_says_what_was_measured_and_what_is_allowed() -> None:
    fast, slow = (AutoModel(LONGEST, Machine(took))(AUTO, 0.2) for took in (0.009, 0.031))
    assert fast.info.reason == "it is simulated; a result takes 9.0 ms, and 12.5 ms are allowed"
    assert slow.info.reason == (
        "it is simulated; a result of anoncam-face-800x480 takes 31.0 ms, and 12.5 ms are allowed"
    )


@pytest.mark.parametrize(("took", "later"), [(0.009, 0.031), (0.031, 0.009)])
def test_a_later_start_measures_nothing_and_is_told_as_the_first_one(
    took: float, later: float
) -> None:
    machine = Machine(took)
    start = AutoModel(LONGEST, machine)
    first = start(AUTO, 0.2)
    machine.times, machine.started = (later,), []
    second = start(AUTO, 0.2)
    assert second.info == first.info
    assert machine.started == [second]
    assert not second.submitted


def test_another_device_is_measured_anew() -> None:
    machine = Machine(0.009)
    start = AutoModel(LONGEST, machine)
    assert start(DetectorSettings(), 0.2).info.model == LARGER_MODEL
    machine.times = (0.2,)
    assert start(AUTO, 0.2).info.model == DEFAULT_MODEL
    assert start(DetectorSettings(), 0.2).info.model == LARGER_MODEL


@pytest.mark.parametrize("error", [ModelError("it is damaged"), DetectorError("it was killed")])
def test_a_larger_model_that_does_not_start_gives_way_to_the_default_from_then_on(
    error: DetectorError,
) -> None:
    machine = Machine()
    machine.error = error
    start = AutoModel(LONGEST, machine)
    assert str(error) in start(AUTO, 0.2).info.reason
    machine.error = None
    assert start(AUTO, 0.2).info.model == DEFAULT_MODEL


def test_a_larger_model_that_fails_or_is_silent_in_the_trial_is_closed_for_the_default() -> None:
    dying, silent = Machine(), Machine()
    dying.dies, silent.silent = "it was killed by SIGABRT", True
    for machine in (dying, silent):
        assert AutoModel(LONGEST, machine)(AUTO, 0.2).info.model == DEFAULT_MODEL
        assert machine.open == [DEFAULT_MODEL]


def test_a_larger_model_that_fitted_and_does_not_start_again_gives_way_to_the_default() -> None:
    machine = Machine()
    start = AutoModel(LONGEST, machine)
    start(AUTO, 0.2).close()
    machine.error = DetectorError("it was killed")
    assert start(AUTO, 0.2).info.model == DEFAULT_MODEL


def test_a_coral_that_is_gone_says_nothing_of_the_larger_model() -> None:
    machine = Machine()
    machine.error = CoralError("no Coral is connected")
    start = AutoModel(LONGEST, machine)
    assert start(AUTO, 0.2).info.reason == "it is simulated"
    machine.error = None
    assert start(AUTO, 0.2).info.model == LARGER_MODEL


@pytest.mark.parametrize(
    ("compiled", "device", "model"),
    [
        ([DEFAULT_MODEL], "auto", DEFAULT_MODEL),
        ([DEFAULT_MODEL], "coral", DEFAULT_MODEL),
        ([DEFAULT_MODEL], "cpu", LARGER_MODEL),
        ([DEFAULT_MODEL, LARGER_MODEL], "auto", LARGER_MODEL),
        ([], "auto", LARGER_MODEL),
    ],
)
def test_where_the_default_alone_is_compiled_a_coral_is_worth_more_than_the_larger_model(
    monkeypatch: pytest.MonkeyPatch, compiled: list[str], device: str, model: str
) -> None:
    with_twins(monkeypatch, *compiled)
    machine = Machine()
    settings = DetectorSettings.model_validate({"device": device})
    assert AutoModel(LONGEST, machine)(settings, 0.2).info.model == model
    assert machine.open == [model]


def test_a_named_model_is_taken_as_named_and_without_a_limit_auto_is_the_default() -> None:
    machine = Machine()
    named = AUTO.model_copy(update={"model": DEFAULT_MODEL})
    assert AutoModel(LONGEST, machine)(named, 0.2).info.model == DEFAULT_MODEL
    assert AutoModel(0.0, machine)(AUTO, 0.2).info.model == DEFAULT_MODEL
    assert len(machine.started) == 2


@pytest.mark.parametrize(
    ("source", "rate", "longest"),
    [("auto", 20, 0.0125), ("rtsp", 5, 0.05), ("file", 20, 0), ("auto", 0, 0)],
)
def test_a_result_may_take_a_quarter_of_the_time_to_the_next_where_it_is_no_file(
    source: str, rate: float, longest: float
) -> None:
    address = {"rtsp": "rtsp://camera/live", "file": "/a.mp4"}.get(source)
    config = Config.model_validate(
        {"source": {"type": source, "address": address}, "detector": {"rate": float(rate)}}
    )
    assert longest_time(config) == pytest.approx(longest)


@pytest.mark.integration
@pytest.mark.parametrize(("longest", "size"), [(60.0, (800, 480)), (1e-9, (640, 384))])
def test_a_real_detector_of_either_size_finds_the_face(
    face: Frame, longest: float, size: tuple[int, int]
) -> None:
    with contextlib.closing(AutoModel(longest, DetectorProcess)(AUTO, 0.5)) as detector:
        assert detector.info.input_size == size
        assert "ms are allowed" in detector.info.reason
        assert len(infer(detector, face).detections) == 1


@pytest.mark.integration
def test_a_damaged_larger_file_leaves_the_default_at_work(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, face: Frame
) -> None:
    content = model_file.find(DEFAULT_MODEL).content
    (tmp_path / "half.tflite").write_bytes(content[: len(content) // 2])
    monkeypatch.setattr(auto_model, "LARGER_MODEL", str(tmp_path / "half.tflite"))
    with contextlib.closing(AutoModel(60.0, DetectorProcess)(AUTO, 0.5)) as detector:
        assert detector.info.model == DEFAULT_MODEL
        assert "half.tflite fails" in detector.info.reason
        assert len(infer(detector, face).detections) == 1


@pytest.mark.integration
def test_without_this_choice_as_for_files_auto_is_the_default() -> None:
    with contextlib.closing(DetectorProcess(AUTO, 0.5)) as detector:
        assert detector.info.model == DEFAULT_MODEL
