"""The operators of CoreML programs that the detector uses."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from anoncam.errors import ModelError

Values = dict[str, Any]
"""The inputs of an operator by name."""


def _float(value: Any) -> NDArray[np.float32]:  # noqa: ANN401 - whatever numpy takes
    return np.asarray(value, np.float32)


def _tensor(value: Any) -> torch.Tensor:  # noqa: ANN401
    return torch.from_numpy(np.ascontiguousarray(_float(value)))


def _padding(values: Values) -> tuple[int, int, int, int]:
    """Left, right, top, bottom, as torch takes them; the file has top, bottom, left, right."""
    if values["pad_type"] == "valid":
        return 0, 0, 0, 0
    if values["pad_type"] != "custom":
        raise ModelError(f"padding of kind {values['pad_type']} is not supported")
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
        raise ModelError("a bilinear resize without aligned corners is not supported")
    source = _tensor(values["x"])
    # The factors are rounded in the file. The caller checks the resulting shape.
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


OPERATORS: dict[str, Callable[[Values], Any]] = {
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
"""Each operator by its type: from its inputs by name to its output."""
