"""Full-integer quantisation of a float TFLite model with calibration pictures."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from ai_edge_quantizer import qtyping, quantizer
from numpy.typing import NDArray

THREADS = 2


def quantise(model: bytes, pictures: Iterable[NDArray[np.uint8]]) -> bytes:
    """Turn weights (per channel) and activations (per tensor) of `model` into int8.

    `model` has one input of float32 from 0 to 1, shape (1, height, width, 3); each of `pictures` is uint8 of shape
    (height, width, 3). The quantised input takes a byte of a picture less 128, exactly.
    """
    work = quantizer.Quantizer(bytearray(model))
    work.add_static_config(".*", qtyping.TFLOperationName.ALL_SUPPORTED, activation_num_bits=8, weight_num_bits=8)
    # A list: the quantizer goes through the samples more than once.
    samples = [{"args_0": picture[None].astype(np.float32) / 255} for picture in pictures]
    ranges = work.calibrate({"serving_default": samples}, num_threads=THREADS)
    _set_range(ranges["serving_default_args_0"], 0.0, 1.0)
    return bytes(work.quantize(ranges).quantized_model)


def _set_range(statistics: dict[str, Any], low: float, high: float) -> None:
    statistics["min"] = np.full_like(statistics["min"], low)
    statistics["max"] = np.full_like(statistics["max"], high)
