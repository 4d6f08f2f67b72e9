"""The comparison of a converted file with the checkpoint that it was made from."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from torch import nn

from tools.convert.deviation import (
    FLOAT16,
    INT8,
    Evaluator,
    Limits,
    Outputs,
    compare_heads,
    compare_precision,
)
from tools.dataset.dataset import LabelledPicture
from tools.evaluate.average_precision import make_curves
from tools.evaluate.coreml_detector import SCORE_POWER, coreml_detector, open_coreml
from tools.evaluate.detectors import PictureDetector
from tools.evaluate.tflite_detector import tflite_detector
from tools.evaluate.torch_detector import torch_detector
from tools.network.enlargement import for_size
from tools.network.layout import LEAST_OBJECTNESS, OUTPUTS, Size
from tools.network.yunet import YuNet


def verify_tflite(
    network: YuNet,
    size: Size,
    path: Path,
    pictures: list[NDArray[np.uint8]],
    labelled: Sequence[LabelledPicture],
) -> list[str]:
    """Compare an int8 TFLite file with `network`, and report a line for each figure.

    Raises:
        ModelError: the file deviates by more than the limits.
    """
    lines = compare_heads(
        _torch_heads(for_size(network, size)), _tflite_heads(path), pictures, INT8
    )
    return lines + _compare_precision(network, size, tflite_detector(path), labelled, INT8)


def verify_coreml(
    network: YuNet,
    size: Size,
    path: Path,
    pictures: list[NDArray[np.uint8]],
    labelled: Sequence[LabelledPicture],
) -> list[str]:
    """Compare a saved CoreML model with `network`, and report a line for each figure.

    Raises:
        ModelError: the model deviates by more than the limits.
    """
    # Imported here: coremltools takes seconds.
    from tools.convert.coreml import Decoded  # noqa: PLC0415
    from tools.convert.coreml_pipeline import RAW_CONFIDENCE, RAW_COORDINATES  # noqa: PLC0415

    program = open_coreml(path)
    power = float(program.specification.description.metadata.userDefined[SCORE_POWER])
    decoded = Decoded(network, size, power).eval()

    def expected(picture: NDArray[np.uint8]) -> Outputs:
        with torch.no_grad():
            confidence, coordinates = decoded(_tensor(picture))
        return {RAW_CONFIDENCE: confidence.numpy(), RAW_COORDINATES: coordinates.numpy()}

    lines = compare_heads(expected, program.run, pictures, FLOAT16)
    return lines + _compare_precision(network, size, coreml_detector(path), labelled, FLOAT16)


def _compare_precision(
    network: YuNet,
    size: Size,
    detector: PictureDetector,
    labelled: Sequence[LabelledPicture],
    limits: Limits,
) -> list[str]:
    if not labelled:
        return ["no labelled pictures: average precision was not compared"]
    reference = torch_detector(network, size)
    expected, got = (
        make_curves(labelled, [candidate.detect_in(picture) for picture in labelled])
        for candidate in (reference, detector)
    )
    return compare_precision(
        {name: curve.average_precision for name, curve in expected.items()},
        {name: curve.average_precision for name, curve in got.items()},
        {name: curve.faces for name, curve in expected.items()},
        limits.precision,
    )


def _tensor(picture: NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255


def _torch_heads(network: nn.Module) -> Evaluator:
    """The outputs of the checkpoint, with objectness clipped as in int8."""

    def evaluate(picture: NDArray[np.uint8]) -> Outputs:
        with torch.no_grad():
            outputs = zip(OUTPUTS, network(_tensor(picture)), strict=True)
            return {
                name: value.clamp(
                    min=LEAST_OBJECTNESS if name.startswith("obj") else -torch.inf
                ).numpy()
                for name, value in outputs
            }

    return evaluate


def _tflite_heads(path: Path) -> Evaluator:
    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    entry = interpreter.get_input_details()[0]["index"]
    details = {detail["name"]: detail for detail in interpreter.get_output_details()}

    def evaluate(picture: NDArray[np.uint8]) -> Outputs:
        interpreter.set_tensor(entry, (picture ^ 0x80).view(np.int8)[None])
        interpreter.invoke()
        outputs = {}
        for name in OUTPUTS:
            scale, zero_point = details[name]["quantization"]
            stored = interpreter.get_tensor(details[name]["index"]).astype(np.float32)
            outputs[name] = (stored - zero_point) * np.float32(scale)
        return outputs

    return evaluate
