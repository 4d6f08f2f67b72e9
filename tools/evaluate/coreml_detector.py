"""A CoreML model as a detector, evaluated without a Mac."""

from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from anoncam.detectors.detector import Detections
from anoncam.detectors.suppression import suppress
from tools.evaluate.detectors import FLOOR, PictureDetector

if TYPE_CHECKING:
    from tools.evaluate.coreml_network_evaluator import CoreMLNetwork
    from tools.evaluate.coreml_program_evaluator import CoreMLProgram

SCORE_POWER = "scorePower"
"""The key of the power of the remapping, in the metadata of the model."""


def coreml_detector(path: Path) -> PictureDetector:
    """A saved CoreML package or `.mlmodel`, with the suppression of the daemon."""
    program = open_coreml(path)
    power = float(program.specification.description.metadata.userDefined[SCORE_POWER])

    def detect(picture: NDArray[np.uint8]) -> Detections:
        outputs = program.run(picture)
        confidence, places = (
            outputs["raw_confidence"][:, 0],
            outputs["raw_coordinates"].astype(np.float32),
        )
        # Undo the remapping, so that all models are compared at one threshold.
        scores = confidence.astype(np.float64) ** (1 / power)
        kept = scores >= FLOOR
        size = places[kept, 2:] * (program.width, program.height)
        start = places[kept, :2] * (program.width, program.height) - size / 2
        return suppress(np.column_stack((start, size, scores[kept])).astype(np.float32))

    return PictureDetector(path.name, program.width, program.height, detect)


def open_coreml(path: Path) -> "CoreMLProgram | CoreMLNetwork":
    """Open a CoreML package (an ML program) or a `.mlmodel` (a neural network)."""
    from tools.evaluate.coreml_network_evaluator import CoreMLNetwork  # noqa: PLC0415 - coremltools takes seconds to import
    from tools.evaluate.coreml_program_evaluator import CoreMLProgram  # noqa: PLC0415

    return CoreMLNetwork(path) if path.suffix == ".mlmodel" else CoreMLProgram(path)
