"""Evaluate a saved single-file CoreML model without a Mac: the layers that the detector has, in
float32.

As in `mil`, the suppression stage is left to `finders.coreml_finder`, and what only a Mac can prove
is the same.
"""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import torch
from coremltools.proto import Model_pb2
from google.protobuf.message import DecodeError
from numpy.typing import NDArray
from torch.nn import functional

from anoncam.errors import ModelError

Array = NDArray[np.float32]

Layer = Any
"""The parameters of a layer; the generated types of protobuf are not known to the type checker."""


class LayeredNetwork:
    """The neural network in a saved `.mlmodel`."""

    def __init__(self, path: Path) -> None:
        try:
            self.specification = Model_pb2.Model.FromString(path.read_bytes())
        except (OSError, DecodeError) as error:
            raise ModelError(f"{path}: not a CoreML model: {error}") from error
        stages = (
            self.specification.pipeline.models
            if self.specification.WhichOneof("Type") == "pipeline"
            else [self.specification]
        )
        networks = [stage for stage in stages if stage.WhichOneof("Type") == "neuralNetwork"]
        if not networks:
            raise ModelError(f"{path}: holds no neural network")
        (image,) = networks[0].description.input
        self._outputs = {
            entry.name: tuple(entry.type.multiArrayType.shape)
            for entry in networks[0].description.output
        }
        self.width, self.height = image.type.imageType.width, image.type.imageType.height
        self._layers = networks[0].neuralNetwork.layers
        self._scale = networks[0].neuralNetwork.preprocessing[0].scaler.channelScale
        unknown = {layer.WhichOneof("layer") for layer in self._layers} - _LAYERS.keys()
        if unknown:
            raise ModelError(
                f"{path}: layers that are not known here: {', '.join(sorted(unknown))}"
            )

    def run(self, picture: NDArray[np.uint8]) -> dict[str, Array]:
        """The outputs by name, for uint8 RGB of shape (height, width, 3).

        Raises:
            ModelError: an output has another shape than the file says.
        """
        values = {
            "image": picture.astype(np.float32).transpose(2, 0, 1)[None] * np.float32(self._scale)
        }
        for layer in self._layers:
            kind = layer.WhichOneof("layer")
            inputs = [values[name] for name in layer.input]
            values[layer.output[0]] = np.asarray(
                _LAYERS[kind](getattr(layer, kind), *inputs), np.float32
            )
        for name, wanted in self._outputs.items():
            if values[name].shape != wanted:
                raise ModelError(
                    f"{name} has shape {list(values[name].shape)} where the file says {list(wanted)}"
                )
        return {name: values[name] for name in self._outputs}


def _padded(layer: Layer, value: Array, filling: float) -> torch.Tensor:
    if not layer.HasField("valid"):
        raise ModelError("padding that depends on the size of the input is not known here")
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
    raise ModelError(f"activation {kind} is not known here")


def _pooling(layer: Layer, value: Array) -> Array:
    if layer.type != layer.MAX:
        raise ModelError("only the largest value of a pool is known here")
    kernel, strides = ([int(side) for side in sides] for sides in (layer.kernelSize, layer.stride))
    return np.asarray(functional.max_pool2d(_padded(layer, value, -torch.inf), kernel, strides))


def _upsample(layer: Layer, value: Array) -> Array:
    if layer.mode == layer.NN:
        down, across = (int(side) for side in layer.scalingFactor)
        return value.repeat(down, 2).repeat(across, 3)
    if layer.linearUpsampleMode != layer.ALIGN_CORNERS_TRUE:
        raise ModelError("a bilinear resize that does not align corners is not known here")
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
        raise ModelError("only a slice of the last axis is known here")
    return value[..., int(layer.startIndex) : int(layer.endIndex) : int(layer.stride)]


def _unary(layer: Layer, value: Array) -> Array:
    if layer.type != layer.EXP:
        raise ModelError("of the unary functions only the exponential is known here")
    return np.asarray(np.exp(value * layer.scale + layer.shift))


_LAYERS: dict[str, Callable[..., Any]] = {
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
