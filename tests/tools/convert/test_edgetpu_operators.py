from pathlib import Path

import pytest

from tests.support.checkout import ROOT

pytest.importorskip("ai_edge_litert.schema_py_generated", reason="comes with the extra: tools")

from tools.convert.edgetpu_operators import list_operators

MODEL = ROOT / "models" / "anoncam-face-320x320.tflite"


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
