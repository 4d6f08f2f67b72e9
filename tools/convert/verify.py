"""Hold a converted file against the checkpoint that it was made from: each head on real pictures,
and precision.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from ai_edge_litert.interpreter import Interpreter
from numpy.typing import NDArray
from torch import nn

from anoncam.errors import ModelError
from tools.dataset.dataset import LabelledPicture
from tools.evaluate.finders import Finder, coreml_finder, open_coreml, tflite_finder, torch_finder
from tools.evaluate.scoring import make_curves
from tools.network.enlargement import for_size
from tools.network.layout import LEAST_OBJECTNESS, OUTPUTS, Size
from tools.network.yunet import YuNet

Answers = dict[str, NDArray[np.float32]]
"""The real values of each head, by its name."""

Answering = Callable[[NDArray[np.uint8]], Answers]
"""Answers for a letterboxed picture."""


@dataclass(frozen=True)
class Limits:
    """How far a conversion may be off.

    `head_error` is the root mean square of the difference, in terms of how far the checkpoint's own
    values spread; one of `harmless` is no fault, however little they spread: a level that hardly
    ever answers says nearly the same everywhere. `precision` is a difference of average precisions,
    or what one face is worth where that is more.
    """

    head_error: float
    precision: float
    harmless: float = 0.0


INT8 = Limits(head_error=0.25, precision=0.005, harmless=0.03)
FLOAT16 = Limits(head_error=0.01, precision=0.001)


def verify_tflite(
    network: YuNet,
    size: Size,
    path: Path,
    pictures: list[NDArray[np.uint8]],
    labelled: Sequence[LabelledPicture],
) -> list[str]:
    """Compare an int8 TFLite file of this size with `network`: what was found, a line each.

    Raises:
        ModelError: it is off by more than the limits.
    """
    lines = compare_heads(
        _torch_heads(for_size(network, size)), _tflite_heads(path), pictures, INT8
    )
    return lines + _compare_precision(network, size, tflite_finder(path), labelled, INT8)


def verify_coreml(
    network: YuNet,
    size: Size,
    path: Path,
    pictures: list[NDArray[np.uint8]],
    labelled: Sequence[LabelledPicture],
) -> list[str]:
    """Compare what a saved CoreML model of this size calculates with `network`: what was found, a
    line each.

    Raises:
        ModelError: it is off by more than the limits.
    """
    from tools.convert.coreml import RAW_CONFIDENCE, RAW_COORDINATES, SCORE_POWER, Decoded  # noqa: PLC0415 - takes seconds

    program = open_coreml(path)
    power = float(program.specification.description.metadata.userDefined[SCORE_POWER])
    decoded = Decoded(network, size, power).eval()

    def expected(picture: NDArray[np.uint8]) -> Answers:
        with torch.no_grad():
            confidence, coordinates = decoded(_tensor(picture))
        return {RAW_CONFIDENCE: confidence.numpy(), RAW_COORDINATES: coordinates.numpy()}

    lines = compare_heads(expected, program.run, pictures, FLOAT16)
    return lines + _compare_precision(network, size, coreml_finder(path), labelled, FLOAT16)


def compare_heads(
    expected: Answering, got: Answering, pictures: list[NDArray[np.uint8]], limits: Limits
) -> list[str]:
    """The error of each head over `pictures`, a line each.

    Raises:
        ModelError: one is above the limit.
    """
    differences: dict[str, list[NDArray[np.float32]]] = {}
    values: dict[str, list[NDArray[np.float32]]] = {}
    for picture in pictures:
        wanted, answers = expected(picture), got(picture)
        for name, value in wanted.items():
            values.setdefault(name, []).append(value.ravel())
            differences.setdefault(name, []).append((answers[name] - value).ravel())
    lines = []
    for name, difference in differences.items():
        distance = float(np.sqrt(np.mean(np.square(np.concatenate(difference)))))
        error = distance / float(np.concatenate(values[name]).std())
        # Written so that what is no number fails too.
        if not (error <= limits.head_error or distance <= limits.harmless):
            raise ModelError(
                f"the head {name} is off by {error:.3f} of its spread, {limits.head_error} is allowed, and by"
                f" {distance:.3f} in itself"
            )
        lines.append(f"{name}: off by {error:.4f} of its spread")
    return lines


def compare_precision(
    expected: dict[str, float], got: dict[str, float], faces: dict[str, int], limit: float
) -> list[str]:
    """Each average precision beside the checkpoint's, a line each.

    Raises:
        ModelError: one is below by more than `limit`, or than one face is worth.
    """
    lines = []
    for name, wanted in expected.items():
        if not faces[name]:
            continue
        lines.append(f"{name}: AP {got[name]:.4f}, checkpoint {wanted:.4f}")
        allowed = max(limit, 1 / faces[name])
        if not got[name] >= wanted - allowed:
            raise ModelError(
                f"{lines[-1]}: the conversion costs more than {100 * allowed:.2g} points"
            )
    return lines


def _compare_precision(
    network: YuNet, size: Size, finder: Finder, labelled: Sequence[LabelledPicture], limits: Limits
) -> list[str]:
    if not labelled:
        return ["no labelled pictures: average precision was not compared"]
    reference = torch_finder(network, size)
    expected, got = (
        make_curves(labelled, [candidate.find_in(picture) for picture in labelled])
        for candidate in (reference, finder)
    )
    return compare_precision(
        {name: curve.average_precision for name, curve in expected.items()},
        {name: curve.average_precision for name, curve in got.items()},
        {name: curve.faces for name, curve in expected.items()},
        limits.precision,
    )


def _tensor(picture: NDArray[np.uint8]) -> torch.Tensor:
    return torch.from_numpy(picture).permute(2, 0, 1)[None].float() / 255


def _torch_heads(network: nn.Module) -> Answering:
    """The answers of the checkpoint as far as int8 is to hold them."""

    def answer(picture: NDArray[np.uint8]) -> Answers:
        with torch.no_grad():
            answers = zip(OUTPUTS, network(_tensor(picture)), strict=True)
            return {
                name: value.clamp(
                    min=LEAST_OBJECTNESS if name.startswith("obj") else -torch.inf
                ).numpy()
                for name, value in answers
            }

    return answer


def _tflite_heads(path: Path) -> Answering:
    interpreter = Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    entry = interpreter.get_input_details()[0]["index"]
    details = {detail["name"]: detail for detail in interpreter.get_output_details()}

    def answer(picture: NDArray[np.uint8]) -> Answers:
        interpreter.set_tensor(entry, (picture ^ 0x80).view(np.int8)[None])
        interpreter.invoke()
        answers = {}
        for name in OUTPUTS:
            scale, zero_point = details[name]["quantization"]
            stored = interpreter.get_tensor(details[name]["index"]).astype(np.float32)
            answers[name] = (stored - zero_point) * np.float32(scale)
        return answers

    return answer
