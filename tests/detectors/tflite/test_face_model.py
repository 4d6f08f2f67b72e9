"""Which models are taken, and how one with its own post-processing is read."""

import os
from pathlib import Path

import numpy as np
import pytest

from anoncam.errors import ModelError
from anoncam.frames.frame import Frame, tight
from tests.support import tiny_models
from tests.support.checkout import ROOT
from tests.support.detector_processes import infer, refused, started
from tests.support.frames import blank

pytestmark = pytest.mark.integration


COMPILED = Path(os.environ.get("ANONCAM_SHARED", ROOT.parent / "shared")) / "data" / "edgetpu"


needs_compiled = pytest.mark.skipif(
    not COMPILED.is_dir(), reason="no models compiled for the Edge TPU are at hand"
)


def _write(folder: Path, name: str, content: bytes) -> str:
    path = folder / name
    path.write_bytes(content)
    return str(path)


@needs_compiled
def test_a_model_that_classifies_pictures_is_not_a_face_detector() -> None:
    error = refused(model=str(COMPILED / "mobilenet_v1_0.25_128_quant.tflite"))

    assert isinstance(error, ModelError)
    assert "[1, 1001]" in str(error)


@pytest.mark.parametrize(
    ("shape", "kind", "text"),
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
    tmp_path: Path, shape: tuple[int, ...], kind: str, text: str
) -> None:
    error = refused(model=_write(tmp_path, "other.tflite", tiny_models.relu_model(shape, kind)))

    assert isinstance(error, ModelError)
    assert text in str(error)


def _spotted(scores: dict[int, int]) -> Frame:
    """A frame of the input's size; the brightness of its pixels is the score of the anchors."""
    frame = blank(tight(tiny_models.SIDE, tiny_models.SIDE))
    frame.luma[:] = 16
    for pixel, brightness in scores.items():
        frame.luma.reshape(-1)[pixel] = brightness
    return frame


def test_a_model_that_ends_in_the_postprocess_op_is_run_and_read(tmp_path: Path) -> None:
    with started(model=_write(tmp_path, "ssd.tflite", tiny_models.ssd_model(10))) as detector:
        assert detector.info.input_size == (8, 8)
        # Pixel 2 holds bytes 6, 7 and 8: byte 7 is the score of anchor 3, at column 3 of row 0.
        result = infer(detector, _spotted({2: 235}))

    assert result.complete
    assert len(result.detections) == 1
    np.testing.assert_allclose(
        result.detections[0, :4] + (0.04, 0.04, 0, 0), (3.5 / 12 * 8, 0.5, 0.08, 0.08), atol=1e-3
    )
    assert result.detections[0, 4] > 0.95


def test_a_result_whose_output_is_full_of_faces_is_not_complete(tmp_path: Path) -> None:
    with started(model=_write(tmp_path, "ssd.tflite", tiny_models.ssd_model(3))) as detector:
        assert infer(detector, _spotted({0: 200, 20: 200})).complete
        full = infer(detector, _spotted({0: 200, 10: 200, 20: 200, 40: 200}))

    assert not full.complete
    assert len(full.detections) == 3
