"""The CoreML pipeline of the detector and non-maximum suppression, as Vision expects it.

Its outputs are `confidence` (n x 1) and `coordinates` (n x 4: centre x, centre y, width and height,
as parts of the picture). The only label is `face`.
"""

from dataclasses import dataclass

import numpy as np
from coremltools.proto import FeatureTypes_pb2, Model_pb2

from anoncam.detectors.suppression import MOST_OVERLAP
from tools.evaluate.coreml_detector import SCORE_POWER

RAW_CONFIDENCE, RAW_COORDINATES = "raw_confidence", "raw_coordinates"


LABEL = "face"


APP_THRESHOLD = 0.8
"""The confidence at which the reference app acts. It cannot be changed there."""


@dataclass(frozen=True)
class Description:
    """What the metadata of the model say."""

    version: str
    provenance: str
    license: str


def power_for(threshold: float) -> float:
    """The power p with threshold ** p = 0.8."""
    return float(np.log(APP_THRESHOLD) / np.log(threshold))


def make_pipeline(
    detector: Model_pb2.Model, threshold: float, description: Description
) -> Model_pb2.Model:
    """Put `detector` before a suppression whose confidence of 0.8 is a score of `threshold`."""
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
