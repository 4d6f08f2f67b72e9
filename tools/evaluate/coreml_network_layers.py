"""The layers of CoreML neural networks that the detector uses, in float32."""

from collections.abc import Callable
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch.nn import functional

from anoncam.errors import ModelError

Array = NDArray[np.float32]


Layer = Any
"""The parameters of a layer. The type checker does not know the generated types of protobuf."""


def _padded(layer: Layer, value: Array, filling: float) -> torch.Tensor:
    if not layer.HasField("valid"):
        raise ModelError("padding that depends on the input size is not supported")
    down, across = layer.valid.paddingAmounts.borderAmounts
    sides = (across.startEdgeSize, across.endEdgeSize, down.startEdgeSize, down.endEdgeSize)
    return functional.pad(torch.from_numpy(value), [int(side) for side in sides], value=filling)


def _convolution(layer: Layer, value: Array) -> Array:
    shape = (int(layer.outputChannels), int(layer.kernelChannels), *map(int, layer.kernelSize))
    weights = torch.tensor(layer.weights.floatValue).reshape(shape)
    bias = torch.tensor(layer.bias.floatValue) if layer.hasBias else None
    strides = [int(side) for side in layer.stride]
    return np.asarray(
        functional.conv2d(
            _padded(layer, value, 0.0), weights, bias, strides, groups=int(layer.nGroups)
        )
    )


def _activation(layer: Layer, value: Array) -> Array:
    kind = layer.WhichOneof("NonlinearityType")
    if kind == "ReLU":
        return np.maximum(value, 0)
    if kind == "softplus":
        return np.logaddexp(np.float32(0), value)
    raise ModelError(f"activation {kind} is not supported")


def _pooling(layer: Layer, value: Array) -> Array:
    if layer.type != layer.MAX:
        raise ModelError("of the pooling layers only max pooling is supported")
    kernel, strides = ([int(side) for side in sides] for sides in (layer.kernelSize, layer.stride))
    return np.asarray(functional.max_pool2d(_padded(layer, value, -torch.inf), kernel, strides))


def _upsample(layer: Layer, value: Array) -> Array:
    if layer.mode == layer.NN:
        down, across = (int(side) for side in layer.scalingFactor)
        return value.repeat(down, 2).repeat(across, 3)
    if layer.linearUpsampleMode != layer.ALIGN_CORNERS_TRUE:
        raise ModelError("a bilinear resize without aligned corners is not supported")
    factors = layer.fractionalScalingFactor or layer.scalingFactor
    shape = [round(side * factor) for side, factor in zip(value.shape[2:], factors, strict=True)]
    return np.asarray(
        functional.interpolate(torch.from_numpy(value), shape, mode="bilinear", align_corners=True)
    )


def _slice_static(layer: Layer, value: Array) -> Array:
    parts: list[slice | int] = []
    for axis in range(value.ndim):
        begin = None if layer.beginMasks[axis] else int(layer.beginIds[axis])
        end = None if layer.endMasks[axis] else int(layer.endIds[axis])
        parts.append(
            int(layer.beginIds[axis])
            if layer.squeezeMasks[axis]
            else slice(begin, end, layer.strides[axis])
        )
    return value[tuple(parts)]


def _slice(layer: Layer, value: Array) -> Array:
    if layer.axis != layer.WIDTH_AXIS:
        raise ModelError("only slices of the last axis are supported")
    return value[..., int(layer.startIndex) : int(layer.endIndex) : int(layer.stride)]


def _unary(layer: Layer, value: Array) -> Array:
    if layer.type != layer.EXP:
        raise ModelError("of the unary functions only the exponential is supported")
    return np.asarray(np.exp(value * layer.scale + layer.shift))


LAYERS: dict[str, Callable[..., Any]] = {
    "convolution": _convolution,
    "activation": _activation,
    "pooling": _pooling,
    "upsample": _upsample,
    "add": lambda layer, *values: sum(values[1:], values[0] + np.float32(layer.alpha)),
    "multiply": lambda layer, *values: (
        values[0] * (values[1] if len(values) > 1 else np.float32(layer.alpha))
    ),
    "transpose": lambda layer, value: value.transpose(tuple(layer.axes)),
    "reshapeStatic": lambda layer, value: value.reshape(tuple(layer.targetShape)),
    "squeeze": lambda layer, value: value.squeeze(tuple(layer.axes)),
    "expandDims": lambda layer, value: np.expand_dims(value, tuple(layer.axes)),
    "concatND": lambda layer, *values: np.concatenate(values, layer.axis),
    "sliceStatic": _slice_static,
    "slice": _slice,
    "unary": _unary,
    "loadConstantND": lambda layer: np.array(layer.data.floatValue, np.float32).reshape(
        tuple(layer.shape)
    ),
}
"""Each layer by its kind: from its parameters and inputs to its output."""
