"""Evaluates the ML program of a CoreML package without a Mac, rounded as the file says.

The suppression is not evaluated: `tools.evaluate.coreml_detector` has its own. Only a Mac can show
that CoreML compiles the package, on which processor it runs, and how fast.
"""

from pathlib import Path
from typing import Any

import numpy as np
from coremltools.libmilstoragepython import _BlobStorageReader
from coremltools.proto import MIL_pb2, Model_pb2
from numpy.typing import NDArray

from anoncam.errors import ModelError
from tools.evaluate.coreml_program_operators import OPERATORS, Values

_TYPES = {
    MIL_pb2.FLOAT16: np.float16,
    MIL_pb2.FLOAT32: np.float32,
    MIL_pb2.INT32: np.int32,
    MIL_pb2.BOOL: np.bool_,
}


class CoreMLProgram:
    """The program in a saved package."""

    def __init__(self, package: Path) -> None:
        self._root = package / "Data" / "com.apple.CoreML"
        try:
            self.specification = Model_pb2.Model.FromString(
                (self._root / "model.mlmodel").read_bytes()
            )
        except OSError as error:
            raise ModelError(f"{package}: not a CoreML package: {error}") from error
        kind = self.specification.WhichOneof("Type")
        stages = self.specification.pipeline.models if kind == "pipeline" else [self.specification]
        programs = [stage for stage in stages if stage.WhichOneof("Type") == "mlProgram"]
        if not programs:
            raise ModelError(f"{package}: holds no ML program")
        function = programs[0].mlProgram.functions["main"]
        self._block = function.block_specializations[function.opset]
        self._readers: dict[str, Any] = {}
        image = programs[0].description.input[0].type.imageType
        self.width, self.height = image.width, image.height
        unknown = (
            {operator.type for operator in self._block.operations} - OPERATORS.keys() - {"const"}
        )
        if unknown:
            raise ModelError(f"{package}: unsupported operators: {', '.join(sorted(unknown))}")
        # Constants are read once, since weights are most of the file.
        self._constants = {
            operator.outputs[0].name: self._value(operator.attributes["val"])
            for operator in self._block.operations
            if operator.type == "const"
        }

    def run(self, picture: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """Compute the outputs by name for uint8 RGB of shape (height, width, 3).

        Raises:
            ModelError: the output of an operator has another shape than the file says.
        """
        values: Values = dict(self._constants)
        values["image"] = picture.astype(np.float32).transpose(2, 0, 1)[None]
        for operator in self._block.operations:
            if operator.type == "const":
                continue
            inputs = {
                name: self._argument(values, argument) for name, argument in operator.inputs.items()
            }
            result = np.asarray(OPERATORS[operator.type](inputs))
            output = operator.outputs[0]
            wanted = _shape(output.type)
            if list(result.shape) != wanted:
                raise ModelError(
                    f"{operator.type} gave {list(result.shape)} where the file says {wanted}"
                )
            values[output.name] = result.astype(_TYPES[output.type.tensorType.dataType])
        return {name: values[name] for name in self._block.outputs}

    def _argument(self, values: Values, argument: Any) -> Any:  # noqa: ANN401 - a type of protobuf
        read = [
            values[binding.name]
            if binding.WhichOneof("binding") == "name"
            else self._value(binding.value)
            for binding in argument.arguments
        ]
        return read if len(read) > 1 else read[0]

    def _value(self, value: Any) -> Any:  # noqa: ANN401 - a type of protobuf
        kind, shape = value.type.tensorType.dataType, _shape(value.type)
        if value.WhichOneof("value") == "blobFileValue":
            name = value.blobFileValue.fileName.replace("@model_path", str(self._root))
            reader = self._readers.setdefault(name, _BlobStorageReader(name))
            offset = value.blobFileValue.offset
            if kind == MIL_pb2.FLOAT16:
                data = np.asarray(reader.read_fp16_data(offset))
                stored = data if data.dtype == np.float16 else data.view(np.float16)
            else:
                stored = np.asarray(reader.read_float_data(offset), np.float32)
            return stored.reshape(shape)
        tensor = value.immediateValue.tensor
        field = tensor.WhichOneof("value")
        content = getattr(tensor, field).values
        if field == "strings":
            return content[0]
        array: NDArray[Any] = (
            np.frombuffer(content, _TYPES[kind])
            if field == "bytes"
            else np.array(list(content), _TYPES[kind])
        )
        return array.reshape(shape) if shape else array[0]


def _shape(value_type: Any) -> list[int]:  # noqa: ANN401 - a type of protobuf
    return [dimension.constant.size for dimension in value_type.tensorType.dimensions]
