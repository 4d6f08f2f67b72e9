"""Evaluates the neural network of a `.mlmodel` without a Mac, in float32.

The suppression is not evaluated: `tools.evaluate.coreml_detector` has its own. Only a Mac can show
that CoreML compiles the model, on which processor it runs, and how fast.
"""

from pathlib import Path

import numpy as np
from coremltools.proto import Model_pb2
from google.protobuf.message import DecodeError
from numpy.typing import NDArray

from anoncam.errors import ModelError
from tools.evaluate.coreml_network_layers import LAYERS, Array


class CoreMLNetwork:
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
        unknown = {layer.WhichOneof("layer") for layer in self._layers} - LAYERS.keys()
        if unknown:
            raise ModelError(f"{path}: unsupported layers: {', '.join(sorted(unknown))}")

    def run(self, picture: NDArray[np.uint8]) -> dict[str, Array]:
        """Compute the outputs by name for uint8 RGB of shape (height, width, 3).

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
                LAYERS[kind](getattr(layer, kind), *inputs), np.float32
            )
        for name, wanted in self._outputs.items():
            if values[name].shape != wanted:
                shape = list(values[name].shape)
                raise ModelError(f"{name} has shape {shape} where the file says {list(wanted)}")
        return {name: values[name] for name in self._outputs}
