"""Small, real .tflite files: models whose graph is just large enough to show what is to be
shown."""

from collections.abc import Mapping, Sequence

import flatbuffers
import numpy as np
from ai_edge_litert import schema_py_generated as schema
from flatbuffers import flexbuffers
from numpy.typing import NDArray

SIDE = 8
ANCHORS = SIDE * SIDE * 3 // 2

_TYPES = {
    "uint8": schema.TensorType.UINT8,
    "float32": schema.TensorType.FLOAT32,
    "int32": schema.TensorType.INT32,
}


def ssd_model(most: int) -> bytes:
    """A model that ends in TFLite_Detection_PostProcess and gives `most` boxes.

    Its picture is 8x8 pixels. Every second byte of it is the score, of 255, of one of the 96
    anchors, which stand as squares of a hundredth of the picture on a grid of 12 columns and 8
    rows."""
    graph = _Graph()
    picture = graph.tensor("picture", (1, SIDE, SIDE, 3), "uint8", scale=1 / 255)
    real = graph.tensor("real", (1, SIDE, SIDE, 3), "float32")
    shape = graph.constant("shape", np.array([1, ANCHORS, 2], np.int32))
    scores = graph.tensor("scores", (1, ANCHORS, 2), "float32")
    encodings = graph.constant("encodings", np.zeros((1, ANCHORS, 4), np.float32))
    rows, columns = np.divmod(np.arange(ANCHORS), 12)
    places = (
        (rows + 0.5) / 8,
        (columns + 0.5) / 12,
        np.full(ANCHORS, 0.01),
        np.full(ANCHORS, 0.01),
    )
    anchors = graph.constant("anchors", np.stack(places, axis=1).astype(np.float32))
    outputs = [
        graph.tensor(f"TFLite_Detection_PostProcess:{number}", (), "float32") for number in range(4)
    ]
    graph.operator(schema.BuiltinOperator.DEQUANTIZE, [picture], [real])
    graph.operator(schema.BuiltinOperator.RESHAPE, [real, shape], [scores])
    options = {
        "max_detections": most,
        "max_classes_per_detection": 1,
        "num_classes": 1,
        "nms_score_threshold": 0.0,
        "nms_iou_threshold": 0.5,
        "x_scale": 10.0,
        "y_scale": 10.0,
        "h_scale": 5.0,
        "w_scale": 5.0,
        "use_regular_nms": False,
    }
    graph.custom_operator(
        "TFLite_Detection_PostProcess", options, [encodings, scores, anchors], outputs
    )
    return graph.serialise([picture], outputs)


def relu_model(shape: Sequence[int], kind: str) -> bytes:
    """A model that takes `shape` of `kind` and gives the same: no detector at all."""
    graph = _Graph()
    scale = 0.0 if kind == "float32" else 1 / 255
    entry, end = (graph.tensor(name, shape, kind, scale=scale) for name in ("entry", "end"))
    graph.operator(schema.BuiltinOperator.RELU, [entry], [end])
    return graph.serialise([entry], [end])


class _Graph:
    def __init__(self) -> None:
        self._model = schema.ModelT()
        self._model.version = 3
        self._model.buffers = [schema.BufferT()]
        self._model.operatorCodes = []
        self._graph = schema.SubGraphT()
        self._graph.tensors, self._graph.operators = [], []
        self._model.subgraphs = [self._graph]

    def tensor(
        self, name: str, shape: Sequence[int], kind: str, *, scale: float = 0.0, buffer: int = 0
    ) -> int:
        tensor = schema.TensorT()
        tensor.name, tensor.shape, tensor.type, tensor.buffer = (
            name,
            list(shape),
            _TYPES[kind],
            buffer,
        )
        if scale:
            tensor.quantization = schema.QuantizationParametersT()
            tensor.quantization.scale, tensor.quantization.zeroPoint = [scale], [0]
        self._graph.tensors.append(tensor)
        return len(self._graph.tensors) - 1

    def constant(self, name: str, values: NDArray[np.generic]) -> int:
        buffer = schema.BufferT()
        buffer.data = np.frombuffer(values.tobytes(), np.uint8)
        self._model.buffers.append(buffer)
        return self.tensor(
            name, values.shape, str(values.dtype), buffer=len(self._model.buffers) - 1
        )

    def operator(self, code: int, inputs: list[int], outputs: list[int]) -> None:
        self._operator(code, b"", inputs, outputs).customOptions = None

    def custom_operator(
        self, name: str, options: Mapping[str, object], inputs: list[int], outputs: list[int]
    ) -> None:
        operator = self._operator(schema.BuiltinOperator.CUSTOM, name.encode(), inputs, outputs)
        operator.customOptions = np.frombuffer(bytes(flexbuffers.Dumps(options)), np.uint8)

    def _operator(
        self, code: int, name: bytes, inputs: list[int], outputs: list[int]
    ) -> schema.OperatorT:
        entry = schema.OperatorCodeT()
        entry.builtinCode, entry.deprecatedBuiltinCode, entry.version = code, min(code, 127), 1
        entry.customCode = name or None
        self._model.operatorCodes.append(entry)
        operator = schema.OperatorT()
        operator.opcodeIndex = len(self._model.operatorCodes) - 1
        operator.inputs, operator.outputs = inputs, outputs
        self._graph.operators.append(operator)
        return operator

    def serialise(self, inputs: list[int], outputs: list[int]) -> bytes:
        self._graph.inputs, self._graph.outputs = inputs, outputs
        builder = flatbuffers.Builder(1024)
        builder.Finish(self._model.Pack(builder), b"TFL3")
        return bytes(builder.Output())
