"""Which runtime, which device, which model: what is chosen, and what is said where it cannot be."""

import contextlib
import ctypes
import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest

from anoncam.config.schema import DetectorSettings
from anoncam.detectors import model_file
from anoncam.detectors.detector import DetectionResult
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.errors import CoralError, DetectorError, ModelError
from anoncam.frames.frame import Frame, tight
from tests.support import injecting, portrait, tiny_models
from tests.support.checkout import ROOT
from tests.support.frames import blank

pytestmark = pytest.mark.integration

COMPILED = Path(os.environ.get("ANONCAM_SHARED", ROOT.parent / "shared")) / "data" / "edgetpu"

needs_compiled = pytest.mark.skipif(
    not COMPILED.is_dir(), reason="no models compiled for the Edge TPU are at hand"
)


def _coral_library_is_installed() -> bool:
    try:
        ctypes.CDLL("libedgetpu.so.1")
    except OSError:
        return False
    return True


without_coral = pytest.mark.skipif(
    _coral_library_is_installed(), reason="libedgetpu is installed here"
)


@contextlib.contextmanager
def _started(**settings: object) -> Iterator[DetectorProcess]:
    with contextlib.closing(
        DetectorProcess(DetectorSettings.model_validate(settings), 0.2)
    ) as detector:
        yield detector


def _refused(**settings: object) -> DetectorError:
    with pytest.raises(DetectorError) as raised:
        DetectorProcess(DetectorSettings.model_validate(settings), 0.2)
    return raised.value


def _answer(detector: DetectorProcess, frame: Frame) -> DetectionResult:
    detector.submit(frame, 1)
    answer = detector.collect(20.0)
    assert answer is not None
    return answer


def _write(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


@pytest.fixture
def compiled_face(tmp_path: Path) -> str:
    """A face model with its CPU twin: what the compiler leaves, but for the code of the Edge
    TPU."""
    shipped = model_file.shipped_folder() / "anoncam-face-320x320.tflite"
    shutil.copy(shipped, tmp_path / "face.tflite")
    shutil.copy(shipped.with_suffix(".json"), tmp_path / "face.json")
    return _write(tmp_path, "face_edgetpu.tflite", shipped.read_bytes() + b"edgetpu-custom-op")


@pytest.fixture
def plan(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> injecting.Faults:
    return injecting.Faults(tmp_path / "faults.json", monkeypatch)


def test_a_shipped_model_runs_on_the_cpu_and_says_on_what_and_why() -> None:
    with _started(model="anoncam-face-640x384") as detector:
        info = detector.info

    assert (info.model, info.device, info.input_size) == ("anoncam-face-640x384", "cpu", (640, 384))
    assert info.reason == "there is no Edge TPU build of the model"
    assert info.runtime.split()[0] in ("ai-edge-litert", "tflite-runtime")
    assert info.sha256 == model_file.find("anoncam-face-640x384").sha256
    assert not info.coral_problem


def test_the_coral_is_refused_a_model_that_would_silently_run_on_the_cpu() -> None:
    error = _refused(device="coral")

    assert isinstance(error, CoralError)
    assert "would silently run on the CPU (compile it with edgetpu_compiler" in str(error)


@without_coral
def test_without_libedgetpu_a_compiled_model_runs_on_the_cpu_by_its_twin_and_says_why(
    compiled_face: str,
) -> None:
    with _started(model=compiled_face) as detector:
        info = detector.info
        assert len(_answer(detector, portrait.portrait_frame(tight(320, 240))[0]).detections) == 1

    assert (info.device, info.model) == ("cpu", "face")
    assert (
        info.reason
        == info.coral_problem
        == "libedgetpu.so.1 cannot be loaded (install libedgetpu1-std)"
    )


@without_coral
def test_without_libedgetpu_the_coral_cannot_be_had_and_its_error_is_one_line(
    compiled_face: str,
) -> None:
    error = _refused(model=compiled_face, device="coral")

    assert isinstance(error, CoralError)
    assert str(error) == "libedgetpu.so.1 cannot be loaded (install libedgetpu1-std)"


@without_coral
def test_the_missing_library_leaves_no_noise_of_the_runtime_for_a_later_obituary(
    compiled_face: str,
) -> None:
    with _started(model=compiled_face) as detector:
        detector._child.process.kill()
        with pytest.raises(DetectorError) as raised:
            detector.submit(blank(tight(64, 64)), 1)
            detector.collect(20.0)

    assert str(raised.value) == "the detector process was killed by SIGKILL"


@needs_compiled
@without_coral
def test_a_really_compiled_model_without_a_twin_cannot_run_without_a_coral() -> None:
    error = _refused(model=str(COMPILED / "split_concat_edgetpu.tflite"))

    assert isinstance(error, ModelError)
    assert "cannot run on the CPU" in str(error)
    assert "libedgetpu.so.1 cannot be loaded" in str(error)


@needs_compiled
@without_coral
def test_a_really_compiled_model_is_asked_for_on_a_coral_that_is_not_there() -> None:
    error = _refused(
        model=str(COMPILED / "mobilenet_v1_0.25_128_quant_edgetpu.tflite"), device="coral"
    )

    assert isinstance(error, CoralError)
    assert "libedgetpu.so.1 cannot be loaded" in str(error)


@needs_compiled
def test_a_model_that_names_flowers_is_not_a_face_detector() -> None:
    error = _refused(model=str(COMPILED / "mobilenet_v1_0.25_128_quant.tflite"))

    assert isinstance(error, ModelError)
    assert "[1, 1001]" in str(error)


def test_a_connected_coral_is_taken_and_said_so(plan: injecting.Faults, compiled_face: str) -> None:
    plan.set(coral=True)
    for device in ("auto", "coral"):
        with _started(model=compiled_face, runtime="tflite-runtime", device=device) as detector:
            info = detector.info
            assert (
                len(_answer(detector, portrait.portrait_frame(tight(320, 240))[0]).detections) == 1
            )

        assert (info.device, info.model, info.coral_problem) == ("coral", "face_edgetpu", "")
        assert info.reason == "a Coral was opened by pycoral, libedgetpu simulated"


def test_the_coral_of_a_plain_model_is_its_compiled_twin(
    plan: injecting.Faults, compiled_face: str
) -> None:
    plan.set(coral=True)

    with _started(
        model=compiled_face.replace("_edgetpu", ""), runtime="tflite-runtime"
    ) as detector:
        assert detector.info.model == "face_edgetpu"


def test_a_coral_that_goes_ends_the_child_and_auto_goes_on_with_the_cpu(
    plan: injecting.Faults, compiled_face: str
) -> None:
    frame = portrait.portrait_frame(tight(320, 240))[0]
    plan.set(coral=True)
    with _started(model=compiled_face, runtime="tflite-runtime") as detector:
        _answer(detector, frame)
        plan.set(coral=False)
        detector.submit(frame, 2)
        with pytest.raises(DetectorError, match="SIGABRT"):
            detector.collect(20.0)

    with _started(model=compiled_face, runtime="tflite-runtime") as detector:
        assert detector.info.device == "cpu"
        assert detector.info.coral_problem.startswith("no Coral is connected")
    error = _refused(model=compiled_face, runtime="tflite-runtime", device="coral")
    assert isinstance(error, CoralError)
    assert str(error).startswith("no Coral is connected, or another process holds it")


def test_the_runtime_is_the_one_that_was_asked_for(plan: injecting.Faults) -> None:
    plan.set()
    with _started(runtime="tflite-runtime") as detector:
        assert detector.info.runtime == "tflite-runtime 2.17.1"
    with _started(runtime="ai-edge-litert") as detector:
        assert detector.info.runtime.startswith("ai-edge-litert ")


def test_a_runtime_that_is_not_installed_is_named_with_the_remedy() -> None:
    assert (
        str(_refused(runtime="tflite-runtime"))
        == "no TFLite runtime can be imported (install tflite-runtime)"
    )


def test_a_damaged_model_is_an_error_that_names_it(tmp_path: Path) -> None:
    shipped = (model_file.shipped_folder() / "anoncam-face-320x320.tflite").read_bytes()
    path = _write(tmp_path, "half.tflite", shipped[: len(shipped) // 2])

    assert path in str(_refused(model=path))


@pytest.mark.parametrize(
    ("shape", "kind", "said"),
    [
        ((1, 32, 32, 3), "float32", "is not quantised to 8 bits (convert it to full-integer int8)"),
        ((1, 32, 32, 1), "uint8", "does not take one RGB picture: its input is [1, 32, 32, 1]"),
        ((2, 32, 32, 3), "uint8", "does not take one RGB picture: its input is [2, 32, 32, 3]"),
        ((1, 32), "uint8", "does not take one RGB picture: its input is [1, 32]"),
        (
            (1, 32, 32, 3),
            "uint8",
            "not a face detector that is known here: its outputs are [1, 32, 32, 3]",
        ),
    ],
)
def test_a_model_of_another_kind_is_refused_with_the_reason(
    tmp_path: Path, shape: tuple[int, ...], kind: str, said: str
) -> None:
    error = _refused(model=_write(tmp_path, "other.tflite", tiny_models.relu_model(shape, kind)))

    assert isinstance(error, ModelError)
    assert said in str(error)


def _spotted(scores: dict[int, int]) -> Frame:
    """A frame that the tiny model scales by one: the brightness of its pixels is the score of the
    anchors."""
    frame = blank(tight(tiny_models.SIDE, tiny_models.SIDE))
    frame.luma[:] = 16
    for pixel, brightness in scores.items():
        frame.luma.reshape(-1)[pixel] = brightness
    return frame


def test_a_model_that_ends_in_the_postprocess_op_is_run_and_read(tmp_path: Path) -> None:
    with _started(model=_write(tmp_path, "ssd.tflite", tiny_models.ssd_model(10))) as detector:
        assert detector.info.input_size == (8, 8)
        # Pixel 2 holds bytes 6, 7 and 8: byte 7 is the score of anchor 3, at column 3 of row 0.
        answer = _answer(detector, _spotted({2: 235}))

    assert answer.complete
    assert len(answer.detections) == 1
    np.testing.assert_allclose(
        answer.detections[0, :4] + (0.04, 0.04, 0, 0), (3.5 / 12 * 8, 0.5, 0.08, 0.08), atol=1e-3
    )
    assert answer.detections[0, 4] > 0.95


def test_such_a_model_whose_output_is_full_of_faces_is_not_complete(tmp_path: Path) -> None:
    with _started(model=_write(tmp_path, "ssd.tflite", tiny_models.ssd_model(3))) as detector:
        assert _answer(detector, _spotted({0: 200, 20: 200})).complete
        full = _answer(detector, _spotted({0: 200, 10: 200, 20: 200, 40: 200}))

    assert not full.complete
    assert len(full.detections) == 3
