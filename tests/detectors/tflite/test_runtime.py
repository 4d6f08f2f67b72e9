"""Which runtime, device and model are chosen, and the error where none can be."""

import ctypes
import os
import shutil
import signal
from pathlib import Path

import pytest

from anoncam.detectors import model_file
from anoncam.errors import CoralError, DetectorError, ModelError
from anoncam.frames.frame import Frame, tight
from tests.support.checkout import ROOT
from tests.support.detector_faults import Faults
from tests.support.detector_processes import infer, pid, refused, started
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


def _write(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


@pytest.fixture
def compiled_face(tmp_path: Path) -> str:
    """A face model with its CPU twin, like a compiled one but without code for the Edge TPU."""
    shipped = model_file.shipped_folder() / "anoncam-face-320x320.tflite"
    shutil.copy(shipped, tmp_path / "face.tflite")
    shutil.copy(shipped.with_suffix(".json"), tmp_path / "face.json")
    return _write(tmp_path, "face_edgetpu.tflite", shipped.read_bytes() + b"edgetpu-custom-op")


def test_a_shipped_model_runs_on_the_cpu_and_its_info_has_the_reason() -> None:
    with started(model="anoncam-face-640x384") as detector:
        info = detector.info

    assert (info.model, info.device, info.input_size) == ("anoncam-face-640x384", "cpu", (640, 384))
    assert info.reason == "there is no Edge TPU build of the model"
    assert info.runtime.split()[0] in ("ai-edge-litert", "tflite-runtime")
    assert info.sha256 == model_file.find("anoncam-face-640x384").sha256
    assert not info.coral_problem


def test_a_model_that_is_not_compiled_is_refused_for_the_coral() -> None:
    error = refused(device="coral")

    assert isinstance(error, CoralError)
    assert "would silently run on the CPU (type sudo anoncam model use google-face-320x320" in str(
        error
    )


@without_coral
def test_without_libedgetpu_the_twin_of_a_compiled_model_runs_on_the_cpu(
    compiled_face: str, face: Frame
) -> None:
    with started(model=compiled_face) as detector:
        info = detector.info
        assert len(infer(detector, face).detections) == 1

    assert (info.device, info.model) == ("cpu", "face")
    assert (
        info.reason
        == info.coral_problem
        == "libedgetpu.so.1 cannot be loaded (install libedgetpu1-std)"
    )


@without_coral
def test_without_libedgetpu_the_coral_is_refused_in_one_line(
    compiled_face: str,
) -> None:
    error = refused(model=compiled_face, device="coral")

    assert isinstance(error, CoralError)
    assert str(error) == "libedgetpu.so.1 cannot be loaded (install libedgetpu1-std)"


@without_coral
def test_a_missing_library_leaves_nothing_on_stderr_for_a_later_exit_reason(
    compiled_face: str,
) -> None:
    with started(model=compiled_face) as detector:
        os.kill(pid(detector), signal.SIGKILL)
        with pytest.raises(DetectorError) as raised:
            detector.submit(blank(tight(64, 64)), 1)
            detector.collect(20.0)

    assert str(raised.value) == "the detector process was killed by SIGKILL"


@needs_compiled
@without_coral
def test_a_compiled_model_without_a_twin_cannot_run_without_a_coral() -> None:
    error = refused(model=str(COMPILED / "split_concat_edgetpu.tflite"))

    assert isinstance(error, ModelError)
    assert "cannot run on the CPU" in str(error)
    assert "libedgetpu.so.1 cannot be loaded" in str(error)


@needs_compiled
@without_coral
def test_a_compiled_model_without_a_coral_raises_a_coral_error() -> None:
    error = refused(
        model=str(COMPILED / "mobilenet_v1_0.25_128_quant_edgetpu.tflite"), device="coral"
    )

    assert isinstance(error, CoralError)
    assert "libedgetpu.so.1 cannot be loaded" in str(error)


def test_a_connected_coral_is_used_and_is_the_reason(
    plan: Faults, compiled_face: str, face: Frame
) -> None:
    plan.set(coral=True)
    for device in ("auto", "coral"):
        with started(model=compiled_face, runtime="tflite-runtime", device=device) as detector:
            info = detector.info
            assert len(infer(detector, face).detections) == 1

        assert (info.device, info.model, info.coral_problem) == ("coral", "face_edgetpu", "")
        assert info.reason == "a Coral was opened by pycoral, libedgetpu simulated"


def test_the_coral_of_a_plain_model_is_its_compiled_twin(plan: Faults, compiled_face: str) -> None:
    plan.set(coral=True)

    with started(model=compiled_face.replace("_edgetpu", ""), runtime="tflite-runtime") as detector:
        assert detector.info.model == "face_edgetpu"


def test_unplugging_the_coral_ends_the_child_and_auto_continues_on_the_cpu(
    plan: Faults, compiled_face: str, face: Frame
) -> None:
    plan.set(coral=True)
    with started(model=compiled_face, runtime="tflite-runtime") as detector:
        infer(detector, face)
        plan.set(coral=False)
        detector.submit(face, 2)
        with pytest.raises(DetectorError, match="SIGABRT"):
            detector.collect(20.0)

    with started(model=compiled_face, runtime="tflite-runtime") as detector:
        assert detector.info.device == "cpu"
        assert detector.info.coral_problem.startswith("no Coral is connected")
    error = refused(model=compiled_face, runtime="tflite-runtime", device="coral")
    assert isinstance(error, CoralError)
    assert str(error).startswith("no Coral is connected, or another process holds it")


def test_the_runtime_is_the_configured_one(plan: Faults) -> None:
    plan.set()
    with started(runtime="tflite-runtime") as detector:
        assert detector.info.runtime == "tflite-runtime 2.17.1"
    with started(runtime="ai-edge-litert") as detector:
        assert detector.info.runtime.startswith("ai-edge-litert ")


def test_a_runtime_that_is_not_installed_is_named_with_a_remedy() -> None:
    assert (
        str(refused(runtime="tflite-runtime"))
        == "no TFLite runtime can be imported (install tflite-runtime)"
    )


def test_a_damaged_model_raises_an_error_that_names_it(tmp_path: Path, face: Frame) -> None:
    shipped = (model_file.shipped_folder() / "anoncam-face-320x320.tflite").read_bytes()
    path = _write(tmp_path, "half.tflite", shipped[: len(shipped) // 2])

    assert path in str(refused(model=path))
