"""The outputs of TFLite_Detection_PostProcess, as in Google's face detector for the Coral.

There are four, in this order: boxes (1, n, 4) as top, left, bottom and right in parts of the input,
classes (1, n), scores (1, n) and a count (1). n is fixed, so when all n are faces, others may be
missing.

Source: tensorflow/lite/kernels/detection_postprocess.cc.
"""

import numpy as np

from anoncam.detectors.detector import Detections
from anoncam.detectors.tflite.heads.head import Decode, ReadTensor, Tensor, dequantised
from anoncam.errors import ModelError


def matches(outputs: list[Tensor]) -> bool:
    """Return whether the outputs have the shapes of this op."""
    if len(outputs) != 4:
        return False
    boxes, classes, scores, count = (output.shape for output in outputs)
    most = classes[1:]
    return (
        boxes == (1, *most, 4)
        and classes == scores == (1, *most)
        and len(most) == 1
        and count == (1,)
    )


def decoder(outputs: list[Tensor], width: int, height: int) -> Decode:
    """Make a decoder for the four outputs.

    Raises:
        ModelError: these are other outputs.
    """
    if not matches(outputs):
        shapes = ", ".join(str(list(output.shape)) for output in outputs)
        raise ModelError(
            f"the model's outputs {shapes} are not those of TFLite_Detection_PostProcess",
            "they must be boxes [1, n, 4], classes [1, n], scores [1, n] and count [1]",
        )

    def decode(read: ReadTensor, floor: float) -> tuple[Detections, bool]:
        boxes, _, scores, count = (dequantised(read(output.index), output) for output in outputs)
        found = scores[0][: max(0, int(count.reshape(-1)[0]))]
        # A score below the floor is no face. A list that is full of faces may lack others.
        complete = bool(len(found) < scores.shape[1] or found.min() < floor)
        (kept,) = np.nonzero(found >= floor)
        top, left, bottom, right = boxes[0][kept].T
        corners = np.stack(
            (left * width, top * height, (right - left) * width, (bottom - top) * height), axis=1
        )
        detections: Detections = np.column_stack((corners, found[kept])).astype(np.float32)
        return detections[(detections[:, 2:4] > 0).all(axis=1)], complete

    return decode
