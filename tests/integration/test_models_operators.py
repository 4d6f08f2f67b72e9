"""The shipped models hold what an Edge TPU compiler takes: operators on int8, in the versions TensorFlow writes."""

from pathlib import Path
from typing import Any

import pytest

schema = pytest.importorskip("ai_edge_litert.schema_py_generated", reason="ai-edge-litert is not installed")

MODELS = sorted((Path(__file__).parents[2] / "models").glob("*.tflite"))

# The versions that TensorFlow's converter gives these operators on int8.
VERSIONS = {
    "ADD": 2,
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 3,
    "MAX_POOL_2D": 2,
    "PAD": 2,
    "RESIZE_NEAREST_NEIGHBOR": 2,
}

# ai-edge-litert comes without types.
Tree = Any

each_model = pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)


def load(path: Path) -> Tree:
    return schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)


@each_model
def test_every_operator_stands_in_the_version_that_tensorflow_writes(path: Path) -> None:
    names = {number: name for name, number in vars(schema.BuiltinOperator).items() if isinstance(number, int)}
    written = {names[code.builtinCode]: code.version for code in load(path).operatorCodes}
    assert written == VERSIONS


@each_model
def test_old_readers_find_each_operator_too(path: Path) -> None:
    assert all(code.deprecatedBuiltinCode == code.builtinCode for code in load(path).operatorCodes)


@each_model
def test_every_tensor_is_of_integers(path: Path) -> None:
    (graph,) = load(path).subgraphs
    kinds = {tensor.type for tensor in graph.tensors}
    assert kinds == {schema.TensorType.INT8, schema.TensorType.INT32}


@each_model
def test_no_resize_uses_half_pixel_centres(path: Path) -> None:
    (graph,) = load(path).subgraphs
    resizes = [
        operator.builtinOptions
        for operator in graph.operators
        if operator.builtinOptionsType == schema.BuiltinOptions.ResizeNearestNeighborOptions
    ]
    # One from each level of cells to the next finer one; a level has three heads.
    assert len(resizes) == len(graph.outputs) // 3 - 1
    assert not any(options.halfPixelCenters or options.alignCorners for options in resizes)


@each_model
def test_the_signature_has_the_same_names_as_the_tensors(path: Path) -> None:
    tree = load(path)
    (signature,) = tree.signatureDefs
    tensors = tree.subgraphs[0].tensors
    for entry in [*signature.inputs, *signature.outputs]:
        assert tensors[entry.tensorIndex].name == entry.name
