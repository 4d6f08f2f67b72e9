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
    With `turned`, it is shown each picture turned by 90 degrees to the left.
    """

    name: str
    width: int
    height: int
    detect: Callable[[NDArray[np.uint8]], Detections]
    latencies: list[float] = field(default_factory=list)
    turned: bool = False

    def detect_in(self, labelled: LabelledPicture) -> Detections:
        """Detect in a picture of any size: detections best first, in pixels of the picture."""
        with Image.open(labelled.path) as opened:
            seen = opened.transpose(Image.Transpose.ROTATE_90) if self.turned else opened
            scale = min(self.width / seen.width, self.height / seen.height)
            picture = letterbox(seen, self.width, self.height)
        # Processor time does not depend on what else the machine does.
        begun = time.process_time()
        found = self.detect(picture).astype(np.float32)
        self.latencies.append(time.process_time() - begun)
        found[:, :4] /= scale
        if self.turned:
            x, y, across, down, score = found.T
            # What was at the right is at the top now.
            found = np.stack([labelled.width - y - down, x, down, across, score], axis=1)
        return found
