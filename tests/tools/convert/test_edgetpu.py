from pathlib import Path

import pytest

from tests.support.checkout import ROOT

pytest.importorskip("ai_edge_litert.schema_py_generated", reason="comes with the extra: tools")

from anoncam.errors import ModelError
from tools.convert.edgetpu import compile_for_tpu, list_operators, unmapped_operators

MODEL = ROOT / "models" / "anoncam-face-320x320.tflite"
LOG = """Edge TPU Compiler version 16.0.384591198
Number of operations that will run on Edge TPU: 60
Number of operations that will run on CPU: {cpu}

Operator                       Count      Status
CONV_2D                        31         Mapped to Edge TPU
RESIZE_NEAREST_NEIGHBOR        2          {status}
"""


def test_every_operator_of_the_shipped_model_would_map() -> None:
    operators = list_operators(MODEL)
    assert operators
    assert [operator for operator in operators if operator.problem] == []


def test_an_operator_whose_size_decides_is_not_promised_to_map() -> None:
    assert {operator.name for operator in list_operators(MODEL) if operator.depends} == {
        "RESIZE_BILINEAR",
        "RESIZE_NEAREST_NEIGHBOR",
    }


def test_a_custom_operator_would_not_map(shared: Path) -> None:
    compiled = sorted((shared / "data" / "edgetpu").glob("*_edgetpu.tflite"))[0]
    problems = [operator for operator in list_operators(compiled) if operator.problem]
    assert problems[0].name == "edgetpu-custom-op"


def test_a_log_that_names_an_operator_on_the_cpu_is_believed() -> None:
    log = LOG.format(cpu=2, status="Operation version not supported")
    assert unmapped_operators(log) == ["2 RESIZE_NEAREST_NEIGHBOR: Operation version not supported"]
    assert unmapped_operators(LOG.format(cpu=0, status="Mapped to Edge TPU")) == []


def test_a_log_that_tells_nothing_is_not_taken_for_success() -> None:
    with pytest.raises(ModelError, match="does not say"):
        unmapped_operators("segmentation fault")


def test_without_the_compiler_nothing_is_made_and_the_way_to_get_it_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelError, match="not on PATH"):
        compile_for_tpu(MODEL, tmp_path)
    assert list(tmp_path.iterdir()) == []
