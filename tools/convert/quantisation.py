"""Full-integer quantisation of a float TFLite model with calibration pictures."""

from collections.abc import Iterable
from typing import Any

import numpy as np
from ai_edge_quantizer import calibrator, qtyping, quantizer, recipe_manager
from numpy.typing import NDArray

from tools.network.layout import LEAST_OBJECTNESS, OUTPUTS

_THREADS = 2


_SPANNED = 0.98
"""The part of the pictures whose values the range of a tensor spans on either side.

The few pictures with the largest values would make the steps coarser for all others: spanning them
too cost 0.8 points of average precision on large faces. A range that clips a tenth of the pictures
cost as much, because large faces have the largest activations.
"""


# The exporter's names of the only signature, its only input and its outputs.
_SIGNATURE = "serving_default"


_ARGUMENT = "args_0"


_OUTPUT = "serving_default_output_{}_output"


def quantise(model: bytes, pictures: Iterable[NDArray[np.uint8]]) -> bytes:
    """Quantise weights (per channel) and activations (per tensor) of a detector to int8.

    `model` has one input of float32 from 0 to 1 and shape (1, height, width, 3). Each of `pictures`
    is uint8 of shape (height, width, 3). The quantised input is exactly a byte of a picture minus
    128.
    """
    work = quantizer.Quantizer(bytearray(model))
    work.add_static_config(
        ".*", qtyping.TFLOperationName.ALL_SUPPORTED, activation_num_bits=8, weight_num_bits=8
    )
    ranges = _observe(model, work.get_quantization_recipe(), pictures)
    # Pictures may use the whole byte, also where no calibration picture does.
    image = ranges[f"{_SIGNATURE}_{_ARGUMENT}"]
    image["min"], image["max"] = np.zeros_like(image["min"]), np.ones_like(image["max"])
    for number, name in enumerate(OUTPUTS):
        if name.startswith("obj"):
            output = ranges[_OUTPUT.format(number)]
            output["min"] = np.maximum(output["min"], LEAST_OBJECTNESS)
    return bytes(work.quantize(ranges).quantized_model)


def _observe(
    model: bytes, recipe: list[Any], pictures: Iterable[NDArray[np.uint8]]
) -> dict[str, dict[str, Any]]:
    """Measure the range of every tensor of `model` over `pictures`, by the name of the tensor."""
    manager = recipe_manager.RecipeManager()
    manager.load_quantization_recipe(recipe)
    # A list, because the samples are read more than once.
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
    """Collect the least and the largest value of each picture along the first axis."""
    return {
        end: np.concatenate((before[end], new[end])) if before else new[end]
        for end in ("min", "max")
    }
