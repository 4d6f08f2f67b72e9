"""Full-integer quantisation of a float TFLite model with calibration pictures."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from ai_edge_quantizer import calibrator, qtyping, quantizer, recipe_manager
from numpy.typing import NDArray

from tools.network.layout import LEAST_OBJECTNESS, OUTPUTS

_THREADS = 2

_SPANNED = 0.98
"""The part of the pictures whose values a tensor's range spans on either side.

The few that reach furthest would make the steps coarser for all others: spanning them too cost 0.8
points of average precision on large faces. So did a range that clips a tenth of the pictures: large
faces drive the activations furthest. """

# The exporter's names for the only signature, its only input, and what it answers.
_SIGNATURE = "serving_default"
_ARGUMENT = "args_0"
_ANSWER = "serving_default_output_{}_output"


def quantise(model: bytes, pictures: Iterable[NDArray[np.uint8]]) -> bytes:
    """Turn weights (per channel) and activations (per tensor) of `model`, a detector, into int8.

    `model` has one input of float32 from 0 to 1, shape (1, height, width, 3); each of `pictures` is
    uint8 of shape (height, width, 3). The quantised input takes a byte of a picture less 128,
    exactly.
    """
    work = quantizer.Quantizer(bytearray(model))
    work.add_static_config(
        ".*", qtyping.TFLOperationName.ALL_SUPPORTED, activation_num_bits=8, weight_num_bits=8
    )
    ranges = _observe(model, work.get_quantization_recipe(), pictures)
    # A picture uses the whole byte, whatever the brightest of the calibration pictures was.
    image = ranges[f"{_SIGNATURE}_{_ARGUMENT}"]
    image["min"], image["max"] = np.zeros_like(image["min"]), np.ones_like(image["max"])
    for number, name in enumerate(OUTPUTS):
        if name.startswith("obj"):
            answer = ranges[_ANSWER.format(number)]
            answer["min"] = np.maximum(answer["min"], LEAST_OBJECTNESS)
    return bytes(work.quantize(ranges).quantized_model)


def _observe(
    model: bytes, recipe: list[Any], pictures: Iterable[NDArray[np.uint8]]
) -> dict[str, dict[str, Any]]:
    """The range of every tensor of `model` over `pictures`, by the tensor's name."""
    manager = recipe_manager.RecipeManager()
    manager.load_quantization_recipe(recipe)
    # A list: the samples are gone through more than once.
    samples = [{_ARGUMENT: picture[None].astype(np.float32) / 255} for picture in pictures]
    observer = calibrator.Calibrator(model, num_threads=_THREADS, qsv_update_func=_gather)
    observer.calibrate({_SIGNATURE: samples}, manager)
    return {
        name: {
            "min": np.quantile(gathered["min"], 1 - _SPANNED, axis=0, keepdims=True),
            "max": np.quantile(gathered["max"], _SPANNED, axis=0, keepdims=True),
        }
        for name, gathered in observer.get_model_qsvs().items()
    }


def _gather(before: dict[str, Any], new: dict[str, Any]) -> dict[str, Any]:
    """The least and the greatest value in each picture so far, along the first axis."""
    return {
        end: np.concatenate((before[end], new[end])) if before else new[end]
        for end in ("min", "max")
    }
