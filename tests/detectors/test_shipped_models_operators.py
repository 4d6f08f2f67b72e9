"""The shipped models have only int8 operators, in versions that the Edge TPU compiler takes."""

from pathlib import Path
from typing import Any

import pytest

from tests.support.checkout import ROOT

pytestmark = pytest.mark.integration

schema = pytest.importorskip(
    "ai_edge_litert.schema_py_generated", reason="ai-edge-litert is not installed"
)

MODELS = sorted((ROOT / "models").glob("*.tflite"))

# The versions that TensorFlow's converter gives these operators on int8; only what enlarges its
# input has the last.
VERSIONS = {
    "ADD": 2,
    "CONV_2D": 3,
    "DEPTHWISE_CONV_2D": 3,
    "MAX_POOL_2D": 2,
    "PAD": 2,
    "RESIZE_NEAREST_NEIGHBOR": 2,
    "RESIZE_BILINEAR": 2,
}

# ai-edge-litert comes without types.
Tree = Any

each_model = pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)


def load(path: Path) -> Tree:
    return schema.ModelT.InitFromPackedBuf(path.read_bytes(), 0)


@each_model
def test_every_operator_has_the_version_that_tensorflow_writes(path: Path) -> None:
    names = {
        number: name
        for name, number in vars(schema.BuiltinOperator).items()
        if isinstance(number, int)
    }
    written = {names[code.builtinCode]: code.version for code in load(path).operatorCodes}
    assert written.items() <= VERSIONS.items()
    assert VERSIONS.keys() - written.keys() <= {"RESIZE_BILINEAR"}


@each_model
def test_every_operator_also_has_its_code_for_old_readers(path: Path) -> None:
    assert all(code.deprecatedBuiltinCode == code.builtinCode for code in load(path).operatorCodes)


@each_model
def test_every_tensor_is_of_integers(path: Path) -> None:
    (graph,) = load(path).subgraphs
    kinds = {tensor.type for tensor in graph.tensors}
    assert kinds == {schema.TensorType.INT8, schema.TensorType.INT32}


@each_model
def test_no_resize_uses_half_pixel_centres(path: Path) -> None:
    (graph,) = load(path).subgraphs
    resizes: dict[int, list[Any]] = {}
    for operator in graph.operators:
        resizes.setdefault(operator.builtinOptionsType, []).append(operator.builtinOptions)
    # One from each level of cells to the next finer one.
    nearest = resizes[schema.BuiltinOptions.ResizeNearestNeighborOptions]
    assert [(options.halfPixelCenters, options.alignCorners) for options in nearest] == [
        (False, False)
    ] * 2
    enlarging = resizes.get(schema.BuiltinOptions.ResizeBilinearOptions, [])
    assert all(options.alignCorners and not options.halfPixelCenters for options in enlarging)


@each_model
def test_only_the_input_is_enlarged_and_keeps_its_scale(path: Path) -> None:
    (graph,) = load(path).subgraphs
    for operator in graph.operators:
        if operator.builtinOptionsType == schema.BuiltinOptions.ResizeBilinearOptions:
            assert operator.inputs[0] == graph.inputs[0]
            before, after = (
                graph.tensors[index].quantization
                for index in (operator.inputs[0], operator.outputs[0])
            )
            assert (after.scale, after.zeroPoint) == (before.scale, before.zeroPoint)


@each_model
def test_the_signature_has_the_same_names_as_the_tensors(path: Path) -> None:
    tree = load(path)
    (signature,) = tree.signatureDefs
    tensors = tree.subgraphs[0].tensors
    for entry in [*signature.inputs, *signature.outputs]:
        assert tensors[entry.tensorIndex].name == entry.name
