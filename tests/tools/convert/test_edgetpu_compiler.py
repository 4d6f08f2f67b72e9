from pathlib import Path

import pytest

from tests.support.checkout import ROOT

pytest.importorskip("ai_edge_litert.schema_py_generated", reason="comes with the extra: tools")

from anoncam.errors import ModelError
from tools.convert.edgetpu_compiler import compile_for_tpu, unmapped_operators

MODEL = ROOT / "models" / "anoncam-face-320x320.tflite"


LOG = """Edge TPU Compiler version 16.0.384591198
Number of operations that will run on Edge TPU: 60
Number of operations that will run on CPU: {cpu}

Operator                       Count      Status
CONV_2D                        31         Mapped to Edge TPU
RESIZE_NEAREST_NEIGHBOR        2          {status}
"""


def test_operators_that_the_log_leaves_on_the_cpu_are_found() -> None:
    log = LOG.format(cpu=2, status="Operation version not supported")
    assert unmapped_operators(log) == ["2 RESIZE_NEAREST_NEIGHBOR: Operation version not supported"]
    assert unmapped_operators(LOG.format(cpu=0, status="Mapped to Edge TPU")) == []


def test_a_log_without_the_mapping_is_an_error() -> None:
    with pytest.raises(ModelError, match="does not report"):
        unmapped_operators("segmentation fault")


def test_without_the_compiler_nothing_is_made_and_the_error_explains_how_to_get_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(ModelError, match="not on PATH"):
        compile_for_tpu(MODEL, tmp_path)
    assert list(tmp_path.iterdir()) == []
