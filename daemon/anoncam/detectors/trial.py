"""Tries a detector out with a black picture."""

import numpy as np

from anoncam.detectors.detector import Detector
from anoncam.errors import DetectorError
from anoncam.frames.frame import lay_out, tight

_SIDE = 64
"""Pixels; the picture is scaled to the model's input like any other."""


def time_of_result(detector: Detector, timeout: float) -> float:
    """Give it one picture; the latency of its result, in seconds.

    Raises:
        DetectorError: it is gone, or gives no result within `timeout` seconds.
    """
    form = tight(_SIDE, _SIDE)
    detector.submit(lay_out(np.zeros((form.rows, form.stride), np.uint8), form), 0)
    result = detector.collect(timeout)
    if result is None:
        raise DetectorError(f"the detector gave no result within {timeout:g} s")
    return result.latency
