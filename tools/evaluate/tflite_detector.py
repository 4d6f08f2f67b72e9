"""A TFLite file as a detector."""

from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from anoncam.detectors import model_file
from anoncam.detectors.detector import Detections
from anoncam.detectors.tflite.heads import yunet
from anoncam.detectors.tflite.heads.head import Tensor
from anoncam.detectors.tflite.runtime import load
from tools.evaluate.detectors import FLOOR, PictureDetector


def tflite_detector(path: Path, threads: int = 1) -> PictureDetector:
    """A TFLite file with the decoder and the runtime of the daemon."""
    model = model_file.find(str(path))
    loaded = load(model, "cpu", "auto", threads)
    interpreter = loaded.interpreter
    entry = interpreter.get_input_details()[0]
    _, height, width, _ = (int(side) for side in entry["shape"])
    outputs = [
        Tensor(
            detail["index"],
            detail["name"],
            tuple(int(side) for side in detail["shape"]),
            float(detail["quantization"][0]),
            int(detail["quantization"][1]),
        )
        for detail in interpreter.get_output_details()
    ]
    decode = yunet.decoder(outputs, width, height)

    def detect(picture: NDArray[np.uint8]) -> Detections:
        given = (
            (picture ^ 0x80).view(np.int8)
            if entry["dtype"] == np.int8
            else picture.astype(np.float32) / 255
        )
        interpreter.set_tensor(entry["index"], given[None])
        interpreter.invoke()
        return decode(interpreter.get_tensor, FLOOR)[0]

    return PictureDetector(path.name, width, height, detect)
