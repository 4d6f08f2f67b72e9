from typing import Any

import pytest

from anoncam.errors import ModelError
from tests.support.checkout import ROOT

flatbuffers = pytest.importorskip(
    "flatbuffers", reason="flatbuffers is not installed (it comes with ai-edge-litert)"
)
schema = pytest.importorskip(
    "ai_edge_litert.schema_py_generated", reason="ai-edge-litert is not installed"
)

from tools.convert.operator_versions import set_operator_versions  # noqa: E402  # it needs ai-edge-litert
from tools.network.layout import OUTPUTS  # noqa: E402

MODEL = ROOT / "models" / "anoncam-face-320x320.tflite"

# ai-edge-litert comes without types.
Tree = Any


def load(content: bytes) -> Tree:
    return schema.ModelT.InitFromPackedBuf(content, 0)


def pack(tree: Tree) -> bytes:
    builder = flatbuffers.Builder(1 << 20)
    builder.Finish(tree.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def as_the_quantizer_leaves_it() -> Tree:
    """A shipped model, changed back to what the quantizer writes."""
    tree = load(MODEL.read_bytes())
    for code in tree.operatorCodes:
        code.version = 1
        code.deprecatedBuiltinCode = 0
    for operator in tree.subgraphs[0].operators:
        if operator.builtinOptionsType == schema.BuiltinOptions.ResizeNearestNeighborOptions:
            operator.builtinOptions.halfPixelCenters = True
    order = {name: index for index, name in enumerate(OUTPUTS)}
    for entry in tree.signatureDefs[0].outputs:
        entry.name = f"output_{order[entry.name.decode()]}".encode()
        tree.subgraphs[0].tensors[entry.tensorIndex].name = b"StatefulPartitionedCall:0"
    return tree


def test_the_output_of_the_quantizer_becomes_that_of_tensorflow() -> None:
    before = as_the_quantizer_leaves_it()
    after = set_operator_versions(pack(before), "image", OUTPUTS, "anoncam face detector")
    assert after == MODEL.read_bytes()


def test_an_operator_without_a_known_version_is_refused() -> None:
    tree = as_the_quantizer_leaves_it()
    tree.operatorCodes[0].builtinCode = schema.BuiltinOperator.GATHER
    with pytest.raises(ModelError, match="operator 36 has no known int8 version"):
        set_operator_versions(pack(tree), "image", OUTPUTS, "")


def test_a_resize_to_the_nearest_by_a_broken_factor_is_refused() -> None:
    tree = as_the_quantizer_leaves_it()
    (graph,) = tree.subgraphs
    resize = next(
        operator
        for operator in graph.operators
        if operator.builtinOptionsType == schema.BuiltinOptions.ResizeNearestNeighborOptions
    )
    graph.tensors[resize.outputs[0]].shape = [1, 15, 15, 64]
    with pytest.raises(ModelError, match="is not by a whole factor"):
        set_operator_versions(pack(tree), "image", OUTPUTS, "")


def test_a_bilinear_resize_that_older_runtimes_do_not_know_is_refused() -> None:
    tree = as_the_quantizer_leaves_it()
    resize = next(
        operator
        for operator in tree.subgraphs[0].operators
        if operator.builtinOptionsType == schema.BuiltinOptions.ResizeBilinearOptions
    )
    resize.builtinOptions.halfPixelCenters = True
    with pytest.raises(ModelError, match="half-pixel centres has no version 2"):
        set_operator_versions(pack(tree), "image", OUTPUTS, "")
