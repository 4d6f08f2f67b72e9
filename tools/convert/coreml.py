"""The detector as a CoreML model that Apple's Vision takes for an object detector, with its own
suppression.

A pipeline of two models: the network with its boxes decoded, then non-maximum suppression. Outputs
`confidence` (n x 1) and `coordinates` (n x 4: centre x, centre y, width, height, in parts of the
picture), label `face`.
"""

import json
import uuid
from dataclasses import dataclass
from pathlib import Path

import coremltools
import numpy as np
import torch
from coremltools.proto import FeatureTypes_pb2, Model_pb2
from torch import Tensor, nn

from anoncam.detectors.suppression import MOST_OVERLAP
from tools.network.enlargement import for_size
from tools.network.layout import Size
from tools.network.yunet import YuNet
from tools.train.losses import flatten, make_grid

RAW_CONFIDENCE, RAW_COORDINATES = "raw_confidence", "raw_coordinates"
LABEL = "face"

SCORE_POWER = "scorePower"
"""The key in the package's metadata under which the power of the remapping stands."""

APP_THRESHOLD = 0.8
"""The confidence at which the reference app acts; it cannot be set there."""


_EXACT = ("softplus", "exp", "add", "mul", "sub", "concat", "expand_dims", "reshape")


@dataclass(frozen=True)
class Description:
    """What the package says of itself."""

    version: str
    provenance: str
    license: str


class Decoded(nn.Module):  # type: ignore[misc, unused-ignore]  # where torch is not installed, its types are Any
    """The network with its answers decoded as Vision wants them.

    The score s becomes s ** `power`: monotone, so no order of detections changes.
    """

    def __init__(self, network: YuNet, size: Size, power: float) -> None:
        super().__init__()
        self.network = for_size(network, size)
        self.power = power
        sides = size.enlarged_width, size.enlarged_height
        grid, whole = make_grid(*sides), torch.tensor(sides, dtype=torch.float32)
        # Parts of the picture from the start: pixels to the thousandth are beyond float16.
        self.register_buffer("corners", grid.corners / whole)
        self.register_buffer("steps", grid.strides / whole)

    def forward(self, picture: Tensor) -> tuple[Tensor, Tensor]:
        """Confidence (cells, 1) and coordinates (cells, 4) of one picture."""
        classes, objects, deltas = flatten(self.network(picture))
        # A power of the score as one exponential: small scores squared would be lost in float16.
        logarithm = nn.functional.softplus(-classes[0]) + nn.functional.softplus(-objects[0])
        confidence = torch.exp(logarithm * (-self.power / 2))
        centre = self.corners + deltas[0, :, :2] * self.steps
        return confidence[:, None], torch.cat((centre, deltas[0, :, 2:].exp() * self.steps), dim=1)


def power_for(threshold: float) -> float:
    """The power p with threshold ** p = 0.8."""
    return float(np.log(APP_THRESHOLD) / np.log(threshold))


def to_coreml(
    network: YuNet, size: Size, threshold: float, description: Description
) -> coremltools.models.MLModel:
    """The pipeline; its `confidenceThreshold` starts at 0.8, which is a score of `threshold`."""
    detector = _convert(
        network,
        size,
        threshold,
        convert_to="mlprogram",
        minimum_deployment_target=coremltools.target.iOS15,
        # The few last operators stay in float32: near 1, float16 would take scores that differ for
        # the same.
        compute_precision=coremltools.transform.FP16ComputePrecision(
            lambda operator: operator.op_type not in _EXACT
        ),
    )
    specification = _pipeline(detector.get_spec(), threshold, description)
    return coremltools.models.MLModel(
        specification, weights_dir=detector.weights_dir, skip_model_load=True
    )


def to_single_file(network: YuNet, size: Size, threshold: float, description: Description) -> bytes:
    """The same pipeline as one `.mlmodel` file, for iOS 14: a neural network, not a program, in
    float32.
    """
    detector = _convert(
        network,
        size,
        threshold,
        convert_to="neuralnetwork",
        minimum_deployment_target=coremltools.target.iOS14,
    ).get_spec()
    # The converter leaves the shapes open.
    cells = len(make_grid(size.enlarged_width, size.enlarged_height).strides)
    for entry in detector.description.output:
        entry.type.multiArrayType.shape.extend([cells, 1 if entry.name == RAW_CONFIDENCE else 4])
    return bytes(_pipeline(detector, threshold, description).SerializeToString(deterministic=True))


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
        # From iOS 16 on these would be float16 by themselves, which the suppression does not take.
        outputs=[
            coremltools.TensorType(name=RAW_CONFIDENCE, dtype=np.float32),
            coremltools.TensorType(name=RAW_COORDINATES, dtype=np.float32),
        ],
        skip_model_load=True,
        **kind,
    )


def save(model: coremltools.models.MLModel, path: Path) -> None:
    """Write the package (a folder): the same bytes for the same model."""
    model.save(str(path))
    # Entries of the manifest are named at random, and maps are written in no order.
    manifest = path / "Manifest.json"
    text = manifest.read_text()
    for name, entry in json.loads(text)["itemInfoEntries"].items():
        text = text.replace(name, str(uuid.uuid5(uuid.NAMESPACE_URL, entry["path"])).upper())
    manifest.write_text(json.dumps(json.loads(text), indent=2, sort_keys=True) + "\n")
    file = path / "Data" / "com.apple.CoreML" / "model.mlmodel"
    specification = Model_pb2.Model.FromString(file.read_bytes())
    file.write_bytes(specification.SerializeToString(deterministic=True))


def _pipeline(
    detector: Model_pb2.Model, threshold: float, description: Description
) -> Model_pb2.Model:
    cells = detector.description.output[0].type.multiArrayType.shape[0]
    suppression = _suppression(cells, detector.specificationVersion)
    whole = Model_pb2.Model(specificationVersion=detector.specificationVersion)
    whole.description.input.add().CopyFrom(detector.description.input[0])
    whole.description.input[0].shortDescription = "An upright picture"
    for entry in suppression.description.input[2:]:
        whole.description.input.add().CopyFrom(entry)
    for entry, text in zip(
        suppression.description.output,
        (
            "Confidence of each face",
            "Centre x, centre y, width and height of each face, in parts of the picture",
        ),
        strict=True,
    ):
        whole.description.output.add().CopyFrom(entry)
        whole.description.output[-1].shortDescription = text
    metadata = whole.description.metadata
    metadata.shortDescription = "Finds faces, so that they can be covered"
    metadata.versionString, metadata.license = description.version, description.license
    metadata.author = "anoncam"
    metadata.userDefined["classes"] = LABEL
    metadata.userDefined["iouThreshold"] = str(MOST_OVERLAP)
    metadata.userDefined["confidenceThreshold"] = str(APP_THRESHOLD)
    metadata.userDefined["provenance"] = description.provenance
    metadata.userDefined["scoreThreshold"] = str(threshold)
    metadata.userDefined[SCORE_POWER] = str(power_for(threshold))
    whole.pipeline.models.add().CopyFrom(detector)
    whole.pipeline.models.add().CopyFrom(suppression)
    whole.pipeline.names.extend(["detector", "suppression"])
    return whole


def _suppression(cells: int, version: int) -> Model_pb2.Model:
    model = Model_pb2.Model(specificationVersion=version)
    float32 = FeatureTypes_pb2.ArrayFeatureType.FLOAT32
    for name, width in ((RAW_CONFIDENCE, 1), (RAW_COORDINATES, 4)):
        entry = model.description.input.add(name=name)
        entry.type.multiArrayType.dataType = float32
        entry.type.multiArrayType.shape.extend([cells, width])
    for name in ("iouThreshold", "confidenceThreshold"):
        entry = model.description.input.add(name=name)
        entry.shortDescription = f"Optional: {name} in place of the model's own"
        entry.type.doubleType.SetInParent()
        entry.type.isOptional = True
    for name, width in (("confidence", 1), ("coordinates", 4)):
        entry = model.description.output.add(name=name)
        entry.type.multiArrayType.dataType = float32
        for least, most in ((0, -1), (width, width)):
            entry.type.multiArrayType.shapeRange.sizeRanges.add(lowerBound=least, upperBound=most)
    stage = model.nonMaximumSuppression
    stage.confidenceInputFeatureName, stage.coordinatesInputFeatureName = (
        RAW_CONFIDENCE,
        RAW_COORDINATES,
    )
    stage.confidenceOutputFeatureName, stage.coordinatesOutputFeatureName = (
        "confidence",
        "coordinates",
    )
    stage.iouThresholdInputFeatureName = "iouThreshold"
    stage.confidenceThresholdInputFeatureName = "confidenceThreshold"
    stage.iouThreshold, stage.confidenceThreshold = MOST_OVERLAP, APP_THRESHOLD
    stage.pickTop.perClass = True
    stage.stringClassLabels.vector.append(LABEL)
    return model
