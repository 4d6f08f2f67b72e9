"""From a network in torch to CoreML models that Vision takes for object detectors."""

import json
import uuid
from pathlib import Path

import coremltools
import numpy as np
import torch
from coremltools.proto import Model_pb2
from torch import Tensor, nn

from tools.convert.coreml_pipeline import (
    RAW_CONFIDENCE,
    RAW_COORDINATES,
    Description,
    make_pipeline,
    power_for,
)
from tools.network.enlargement import for_size
from tools.network.grid import flatten, make_grid
from tools.network.layout import Size
from tools.network.yunet import YuNet

_EXACT = ("softplus", "exp", "add", "mul", "sub", "concat", "expand_dims", "reshape")


class Decoded(nn.Module):  # type: ignore[misc, unused-ignore]  # where torch is not installed, its types are Any
    """The network with outputs decoded as Vision expects them.

    The score s becomes s ** `power`, which does not change the order of detections.
    """

    def __init__(self, network: YuNet, size: Size, power: float) -> None:
        super().__init__()
        self.network = for_size(network, size)
        self.power = power
        sides = size.enlarged_width, size.enlarged_height
        grid, whole = make_grid(*sides), torch.tensor(sides, dtype=torch.float32)
        # In parts of the picture, because float16 cannot hold thousandths of a pixel.
        self.register_buffer("corners", grid.corners / whole)
        self.register_buffer("steps", grid.strides / whole)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Compute confidence (cells, 1) and coordinates (cells, 4) of one picture."""
        classes, objects, deltas = flatten(self.network(picture))
        # The power of the score as one exponential: squares of small scores are lost in float16.
        logarithm = nn.functional.softplus(-classes[0]) + nn.functional.softplus(-objects[0])
        confidence = torch.exp(logarithm * (-self.power / 2))
        centre = self.corners + deltas[0, :, :2] * self.steps
        return confidence[:, None], torch.cat((centre, deltas[0, :, 2:].exp() * self.steps), dim=1)


def to_coreml(
    network: YuNet, size: Size, threshold: float, description: Description
) -> coremltools.models.MLModel:
    """Make the package, for iOS 15: its default confidence of 0.8 is a score of `threshold`."""
    detector = _convert(
        network,
        size,
        threshold,
        convert_to="mlprogram",
        minimum_deployment_target=coremltools.target.iOS15,
        # The last few operators stay in float32: near 1, float16 makes different scores equal.
        compute_precision=coremltools.transform.FP16ComputePrecision(
            lambda operator: operator.op_type not in _EXACT
        ),
    )
    specification = make_pipeline(detector.get_spec(), threshold, description)
    return coremltools.models.MLModel(
        specification, weights_dir=detector.weights_dir, skip_model_load=True
    )


def to_single_file(network: YuNet, size: Size, threshold: float, description: Description) -> bytes:
    """Make one `.mlmodel` file, for iOS 14: a neural network in float32."""
    detector = _convert(
        network,
        size,
        threshold,
        convert_to="neuralnetwork",
        minimum_deployment_target=coremltools.target.iOS14,
    ).get_spec()
    # The converter does not set the shapes.
    cells = len(make_grid(size.enlarged_width, size.enlarged_height).strides)
    for entry in detector.description.output:
        entry.type.multiArrayType.shape.extend([cells, 1 if entry.name == RAW_CONFIDENCE else 4])
    return bytes(
        make_pipeline(detector, threshold, description).SerializeToString(deterministic=True)
    )


def _convert(
    network: YuNet, size: Size, threshold: float, **kind: object
) -> coremltools.models.MLModel:
    decoded = Decoded(network, size, power_for(threshold)).eval()
    shape = (1, 3, size.height, size.width)
    traced = torch.jit.trace(decoded, torch.rand(shape), check_trace=False)
    return coremltools.convert(
        traced,
        inputs=[
            coremltools.ImageType(
                name="image",
                shape=shape,
                color_layout=coremltools.colorlayout.RGB,
                scale=1 / 255,
                bias=[0, 0, 0],
            )
        ],
        # The default from iOS 16 on is float16, which the suppression does not accept.
        outputs=[
            coremltools.TensorType(name=RAW_CONFIDENCE, dtype=np.float32),
            coremltools.TensorType(name=RAW_COORDINATES, dtype=np.float32),
        ],
        skip_model_load=True,
        **kind,
    )


def save(model: coremltools.models.MLModel, path: Path) -> None:
    """Write the package, a folder, with the same bytes for the same model."""
    model.save(str(path))
    # The entries of the manifest have random names, and maps are written in any order.
    manifest = path / "Manifest.json"
    text = manifest.read_text()
    for name, entry in json.loads(text)["itemInfoEntries"].items():
        text = text.replace(name, str(uuid.uuid5(uuid.NAMESPACE_URL, entry["path"])).upper())
    manifest.write_text(json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n")
    file = path / "Data" / "com.apple.CoreML" / "model.mlmodel"
    specification = Model_pb2.Model.FromString(file.read_bytes())
    file.write_bytes(specification.SerializeToString(deterministic=True))
