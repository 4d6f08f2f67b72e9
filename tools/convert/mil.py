"""Evaluate a saved CoreML program without a Mac: the operators that the detector uses, rounded as
the file says.

The suppression stage of the pipeline is not part of the program; `finders.coreml_finder` does what
it does. What only a Mac can prove: that CoreML compiles the package, on which of its processors it
runs, and how fast.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from coremltools.libmilstoragepython import _BlobStorageReader
from coremltools.proto import MIL_pb2, Model_pb2
from numpy.typing import NDArray
from torch.nn import functional

from anoncam.errors import ModelError

_TYPES = {
    MIL_pb2.FLOAT16: np.float16,
    MIL_pb2.FLOAT32: np.float32,
    MIL_pb2.INT32: np.int32,
    MIL_pb2.BOOL: np.bool_,
}

Values = dict[str, Any]


class Program:
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
            {operator.type for operator in self._block.operations} - _OPERATORS.keys() - {"const"}
        )
        if unknown:
            raise ModelError(
                f"{package}: operators that are not known here: {', '.join(sorted(unknown))}"
            )
        # Constants, read once: weights are most of the file.
        self._constants = {
            operator.outputs[0].name: self._value(operator.attributes["val"])
            for operator in self._block.operations
            if operator.type == "const"
        }

    def run(self, picture: NDArray[np.uint8]) -> dict[str, NDArray[np.float32]]:
        """The outputs by name, for uint8 RGB of shape (height, width, 3).

        Raises:
            ModelError: an operator gave another shape than the file says.
        """
        values: Values = dict(self._constants)
        values["image"] = picture.astype(np.float32).transpose(2, 0, 1)[None]
        for operator in self._block.operations:
            if operator.type == "const":
                continue
            inputs = {
                name: self._argument(values, argument) for name, argument in operator.inputs.items()
            }
            result = np.asarray(_OPERATORS[operator.type](inputs))
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


def _float(value: Any) -> NDArray[np.float32]:  # noqa: ANN401 - whatever numpy takes
    return np.asarray(value, np.float32)


def _tensor(value: Any) -> torch.Tensor:  # noqa: ANN401
    return torch.from_numpy(np.ascontiguousarray(_float(value)))


def _padding(values: Values) -> tuple[int, int, int, int]:
    """Left, right, top, bottom, as torch wants it; the file says top, bottom, left, right."""
    if values["pad_type"] == "valid":
        return 0, 0, 0, 0
    if values["pad_type"] != "custom":
        raise ModelError(f"padding of kind {values['pad_type']} is not known here")
    top, bottom, left, right = (int(value) for value in values["pad"])
    return left, right, top, bottom


def _convolution(values: Values) -> NDArray[np.float32]:
    padded = functional.pad(_tensor(values["x"]), _padding(values))
    bias = _tensor(values["bias"]) if "bias" in values else None
    strides, groups = [int(value) for value in values["strides"]], int(values["groups"])
    return np.asarray(
        functional.conv2d(padded, _tensor(values["weight"]), bias, strides, groups=groups)
    )


def _pooling(values: Values) -> NDArray[np.float32]:
    padded = functional.pad(_tensor(values["x"]), _padding(values), value=-torch.inf)
    kernel, strides = (
        [int(value) for value in values[name]] for name in ("kernel_sizes", "strides")
    )
    return np.asarray(functional.max_pool2d(padded, kernel, strides))


def _upsample(values: Values) -> NDArray[np.float32]:
    down, across = (int(values[f"scale_factor_{side}"]) for side in ("height", "width"))
    return _float(values["x"]).repeat(down, 2).repeat(across, 3)


def _enlarge(values: Values) -> NDArray[np.float32]:
    if not values["align_corners"]:
        raise ModelError("a bilinear resize that does not align corners is not known here")
    source = _tensor(values["x"])
    # The factors are stored in few digits; the shape that comes out is held against the file's.
    shape = [
        round(side * float(values[f"scale_factor_{name}"]))
        for side, name in zip(source.shape[2:], ("height", "width"), strict=True)
    ]
    return np.asarray(functional.interpolate(source, shape, mode="bilinear", align_corners=True))


def _slice(values: Values) -> NDArray[np.float32]:
    def flags(name: str) -> list[bool]:
        return (
            [bool(flag) for flag in np.atleast_1d(values[name])]
            if name in values
            else [False] * dimensions
        )

    source = _float(values["x"])
    dimensions = source.ndim
    whole_begin, whole_end, squeezed = flags("begin_mask"), flags("end_mask"), flags("squeeze_mask")
    parts: list[slice | int] = [
        int(values["begin"][axis])
        if squeezed[axis]
        else slice(
            None if whole_begin[axis] else int(values["begin"][axis]),
            None if whole_end[axis] else int(values["end"][axis]),
        )
        for axis in range(dimensions)
    ]
    return source[tuple(parts)]


_OPERATORS: dict[str, Callable[[Values], Any]] = {
    "conv": _convolution,
    "max_pool": _pooling,
    "relu": lambda values: np.maximum(values["x"], 0),
    "sigmoid": lambda values: 1 / (1 + np.exp(-_float(values["x"]))),
    "softplus": lambda values: np.logaddexp(0, _float(values["x"])),
    "exp": lambda values: np.exp(_float(values["x"])),
    "add": lambda values: _float(values["x"]) + _float(values["y"]),
    "mul": lambda values: _float(values["x"]) * _float(values["y"]),
    "sub": lambda values: _float(values["x"]) - _float(values["y"]),
    "transpose": lambda values: np.transpose(values["x"], values["perm"]),
    "reshape": lambda values: np.reshape(values["x"], [int(side) for side in values["shape"]]),
    "expand_dims": lambda values: np.expand_dims(
        values["x"], tuple(int(axis) for axis in values["axes"])
    ),
    "squeeze": lambda values: np.squeeze(values["x"], tuple(int(axis) for axis in values["axes"])),
    "concat": lambda values: np.concatenate(values["values"], int(values["axis"])),
    "cast": lambda values: values["x"],
    "upsample_nearest_neighbor": _upsample,
    "upsample_bilinear": _enlarge,
    "slice_by_index": _slice,
}
