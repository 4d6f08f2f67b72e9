"""Operator versions as TensorFlow's own converter writes them on int8.

Compilers and runtimes of the time of the Edge TPU refuse operators in newer versions, even where
nothing else differs.
"""

import flatbuffers
from ai_edge_litert import schema_py_generated as schema

from anoncam.errors import ModelError

_OPERATOR = schema.BuiltinOperator


INT8_VERSIONS = {
    _OPERATOR.ADD: 2,
    _OPERATOR.CONV_2D: 3,
    _OPERATOR.DEPTHWISE_CONV_2D: 3,
    _OPERATOR.MAX_POOL_2D: 2,
    _OPERATOR.PAD: 2,
    _OPERATOR.QUANTIZE: 1,
    _OPERATOR.RESIZE_BILINEAR: 2,
    _OPERATOR.RESIZE_NEAREST_NEIGHBOR: 2,
}
"""By operator, from tensorflow/lite/tools/versioning/op_version.cc."""


# Operators up to this number are also written to the one-byte field that older readers use.
_LAST_DEPRECATED_CODE = 127


def set_operator_versions(
    model: bytes, input_name: str, output_names: tuple[str, ...], description: str
) -> bytes:
    """Set the operator versions of a quantised TFLite `model`, and name its input and outputs.

    The metadata of the converter is removed.

    Raises:
        ModelError: an operator has no known int8 version, or has another result in that version.
    """
    tree = schema.ModelT.InitFromPackedBuf(model, 0)
    graph = tree.subgraphs[0]
    for code in tree.operatorCodes:
        _set_version(code)
    for operator in graph.operators:
        number = tree.operatorCodes[operator.opcodeIndex].builtinCode
        if number == _OPERATOR.RESIZE_NEAREST_NEIGHBOR:
            _align_resize(operator, graph.tensors)
        if number == _OPERATOR.RESIZE_BILINEAR and operator.builtinOptions.halfPixelCenters:
            raise ModelError(
                "a bilinear resize with half-pixel centres has no version 2", "align its corners"
            )
    signature = tree.signatureDefs[0]
    _rename(graph.tensors, signature.inputs, [input_name])
    # The exporter numbers the outputs in the order in which the network returns them.
    outputs = sorted(
        signature.outputs, key=lambda entry: int(entry.name.decode().rpartition("_")[2])
    )
    _rename(graph.tensors, outputs, output_names)
    tree.metadata = None
    tree.description = description.encode()
    builder = flatbuffers.Builder(len(model))
    builder.Finish(tree.Pack(builder), b"TFL3")
    return bytes(builder.Output())


def _set_version(code: schema.OperatorCodeT) -> None:
    number = max(code.builtinCode, code.deprecatedBuiltinCode)
    if number not in INT8_VERSIONS:
        raise ModelError(
            f"operator {number} has no known int8 version",
            "add the version that TensorFlow writes to INT8_VERSIONS",
        )
    code.builtinCode = number
    code.deprecatedBuiltinCode = min(number, _LAST_DEPRECATED_CODE)
    code.version = INT8_VERSIONS[number]


def _align_resize(operator: schema.OperatorT, tensors: list[schema.TensorT]) -> None:
    """Remove half-pixel centres from a nearest-neighbour resize, which whole factors allow."""
    before, after = tensors[operator.inputs[0]].shape, tensors[operator.outputs[0]].shape
    if any(large % small for small, large in zip(before[1:3], after[1:3], strict=True)):
        raise ModelError(f"a resize from {list(before)} to {list(after)} is not by a whole factor")
    operator.builtinOptions.halfPixelCenters = False


def _rename(
    tensors: list[schema.TensorT],
    entries: list[schema.TensorMapT],
    names: tuple[str, ...] | list[str],
) -> None:
    for entry, name in zip(entries, names, strict=True):
        entry.name = name.encode()
        tensors[entry.tensorIndex].name = name.encode()
