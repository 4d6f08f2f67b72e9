import os
from pathlib import Path

import pytest

from anoncam.detectors import model_file
from anoncam.detectors.model_file import ModelFile
from anoncam.detectors.tflite.inspection import POST_PROCESS, TPU_OPERATOR, Inspection, inspect
from anoncam.errors import ModelError
from tests.support.checkout import ROOT
from tests.support.tiny_models import relu_model, ssd_model

pytestmark = pytest.mark.integration

COMPILED = Path(os.environ.get("ANONCAM_SHARED", ROOT.parent / "shared")) / "data" / "edgetpu"


def written(folder: Path, content: bytes) -> ModelFile:
    path = folder / "model.tflite"
    path.write_bytes(content)
    return model_file.find(str(path))


def test_a_shipped_model_is_not_compiled_and_nothing_of_it_is_left_behind() -> None:
    facts = inspect(model_file.find("anoncam-face-640x384"))
    assert (facts.input_size, facts.dtype, facts.compiled) == ((640, 384), "int8", False)
    assert facts.left_on_cpu == ()
    assert "CONV_2D" in facts.operators


@pytest.mark.skipif(not COMPILED.is_dir(), reason="no models compiled for the Edge TPU are at hand")
def test_a_model_that_the_compiler_has_made_whole_has_one_operator() -> None:
    facts = inspect(model_file.find(str(COMPILED / "mobilenet_v1_0.25_128_quant_edgetpu.tflite")))
    assert (facts.operators, facts.input_size) == ((TPU_OPERATOR,), (128, 128))
    assert facts.compiled
    assert facts.left_on_cpu == ()


def test_the_post_processing_of_an_ssd_may_stay_on_the_cpu_and_nothing_else() -> None:
    whole = Inspection((320, 320), "uint8", (TPU_OPERATOR, POST_PROCESS))
    assert whole.left_on_cpu == ()
    halved = Inspection((320, 320), "uint8", (TPU_OPERATOR, "LOGISTIC", POST_PROCESS))
    assert halved.left_on_cpu == ("LOGISTIC",)


def test_the_operators_of_an_ssd_are_read(tmp_path: Path) -> None:
    assert inspect(written(tmp_path, ssd_model(most=10))).operators[-1] == POST_PROCESS


def test_a_model_that_takes_no_picture_is_refused(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match=r"does not take one RGB picture: its input is \[1, 7\]"):
        inspect(written(tmp_path, relu_model((1, 7), "uint8")))


def test_a_damaged_model_is_refused(tmp_path: Path) -> None:
    content = bytearray(ssd_model(most=10))
    content[8:200] = bytes(192)
    with pytest.raises(ModelError, match="cannot be read"):
        inspect(written(tmp_path, bytes(content)))
