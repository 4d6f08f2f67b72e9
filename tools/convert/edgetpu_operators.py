"""The operators of a TFLite file, and those that the Edge TPU compiler documents."""

from dataclasses import dataclass
from pathlib import Path

from ai_edge_litert import schema_py_generated as schema

from anoncam.errors import ModelError
from tools.convert.operator_versions import INT8_VERSIONS

_SUPPORTED = frozenset(
    [
        "ADD",
        "AVERAGE_POOL_2D",
        "CONCATENATION",
        "CONV_2D",
        "DEPTHWISE_CONV_2D",
        "EXPAND_DIMS",
        "FULLY_CONNECTED",
        "L2_NORMALIZATION",
        "LOGISTIC",
        "MAXIMUM",
        "MAX_POOL_2D",
        "MEAN",
        "MINIMUM",
        "MUL",
        "PACK",
        "PAD",
        "PRELU",
        "QUANTIZE",
        "REDUCE_MAX",
        "REDUCE_MIN",
        "RELU",
        "RELU6",
        "RELU_N1_TO_1",
        "RESHAPE",
        "RESIZE_BILINEAR",
        "RESIZE_NEAREST_NEIGHBOR",
        "RSQRT",
        "SLICE",
        "SOFTMAX",
        "SPACE_TO_DEPTH",
        "SPLIT",
        "SQUARED_DIFFERENCE",
        "SQUEEZE",
        "STRIDED_SLICE",
        "SUB",
        "SUM",
        "TANH",
        "TRANSPOSE",
        "TRANSPOSE_CONV",
    ]
)
"""https://coral.ai/docs/edgetpu/models-intro/#supported-operations"""


_SIZE_MATTERS = frozenset(["RESIZE_BILINEAR", "RESIZE_NEAREST_NEIGHBOR"])
"""The same page says that these "might not be mapped", depending on sizes that it does not name."""


_NAMES = {
    number: name
    for name, number in vars(schema.BuiltinOperator).items()
    if not name.startswith("_")
}


_TYPES = {
    number: name for name, number in vars(schema.TensorType).items() if not name.startswith("_")
}


_BYTES = (schema.TensorType.INT8, schema.TensorType.UINT8)


@dataclass(frozen=True)
class Operator:
    """An operator of the file; `problem` is why it would not map; empty if it would."""

    name: str
    version: int
    dtype: str
    shape: tuple[int, ...]
    problem: str

    @property
    def depends(self) -> bool:
        """Whether the compiler decides by the size whether the operator maps."""
        return not self.problem and self.name in _SIZE_MATTERS


def list_operators(path: Path) -> list[Operator]:
    """List every operator of the TFLite file `path`.

    Raises:
        ModelError: the file is not a TFLite model.
    """
    content = path.read_bytes()
    if content[4:8] != b"TFL3":
        raise ModelError(f"{path} is not a TFLite model")
    tree = schema.ModelT.InitFromPackedBuf(content, 0)
    graph, listed = tree.subgraphs[0], []
    for operator in graph.operators:
        code = tree.operatorCodes[operator.opcodeIndex]
        number = max(code.builtinCode, code.deprecatedBuiltinCode)
        tensors = [graph.tensors[index] for index in operator.outputs]
        name = code.customCode.decode() if code.customCode else _NAMES.get(number, str(number))
        activations = [
            graph.tensors[index]
            for index in (*operator.inputs, *operator.outputs)
            if index >= 0 and tree.buffers[graph.tensors[index].buffer].data is None
        ]
        listed.append(
            Operator(
                name,
                code.version,
                _TYPES[tensors[0].type],
                tuple(int(side) for side in tensors[0].shape),
                _problem(name, number, code.version, activations),
            )
        )
    return listed


def _problem(name: str, number: int, version: int, activations: list[schema.TensorT]) -> str:
    if name not in _SUPPORTED:
        return "the compiler does not know this operator"
    if any(tensor.type not in _BYTES for tensor in activations):
        return "not all of its values are 8-bit integers"
    if any(
        side < 1
        for tensor in activations
        for side in (tensor.shapeSignature if tensor.shapeSignature is not None else tensor.shape)
    ):
        return "its shape is not static"
    if any(tensor.shape[0] != 1 for tensor in activations):
        return "its batch is not 1"
    if number in INT8_VERSIONS and version > INT8_VERSIONS[number]:
        known = INT8_VERSIONS[number]
        return f"version {version} is newer than the {known} that TensorFlow's converter writes"
    return ""
