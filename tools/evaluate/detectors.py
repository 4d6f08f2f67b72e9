"""Detectors of any format behind one call: a letterboxed picture in, detections out."""

import time
from collections.abc import Callable
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from anoncam.detectors.detector import Detections
from tools.common.pictures import letterbox
from tools.dataset.dataset import LabelledPicture

FLOOR = 0.02
"""The least score that counts. Lower ones change an average precision by less than 0.001."""


@dataclass
class PictureDetector:
    """A detector for pictures of `width` x `height` pixels.

    `detect` takes uint8 RGB of shape (height, width, 3). `latencies` are seconds of processor time.
    """

    name: str
    width: int
    height: int
    detect: Callable[[NDArray[np.uint8]], Detections]
    latencies: list[float] = field(default_factory=list)

    def detect_in(self, labelled: LabelledPicture) -> Detections:
        """Detect in a picture of any size: detections best first, in pixels of the picture."""
        with Image.open(labelled.path) as opened:
            scale = min(self.width / opened.width, self.height / opened.height)
            picture = letterbox(opened, self.width, self.height)
        # Processor time does not depend on what else the machine does.
        begun = time.process_time()
        found = self.detect(picture).astype(np.float32)
        self.latencies.append(time.process_time() - begun)
        found[:, :4] /= scale
        return found
