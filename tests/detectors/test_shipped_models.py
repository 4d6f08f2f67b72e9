"""The shipped models: their inputs, outputs and sidecars, and that they find a face."""

import json
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import skimage.data
from numpy.typing import NDArray
from PIL import Image

from tests.support.checkout import ROOT

pytestmark = pytest.mark.integration

litert = pytest.importorskip("ai_edge_litert.interpreter", reason="ai-edge-litert is not installed")

# ai-edge-litert comes without types.
Interpreter = Any

MODELS = sorted((ROOT / "models").glob("*.tflite"))
CHANNELS = {"cls": 1, "obj": 1, "bbox": 4}
LOOKED_AT = {
    "anoncam-face-320x320": (384, 384),
    "anoncam-face-640x384": (640, 384),
    "anoncam-face-640x640": (768, 768),
    "anoncam-face-800x480": (800, 480),
}
"""The width and height to which each model enlarges its input."""

# The face of the portrait, measured by hand in its 512x512 pixels: left, top, right, bottom.
ASTRONAUTS_FACE = (175, 65, 275, 190)

each_model = pytest.mark.parametrize("path", MODELS, ids=lambda path: path.stem)


def load(path: Path) -> Interpreter:
    interpreter = litert.Interpreter(str(path), num_threads=1)
    interpreter.allocate_tensors()
    return interpreter


def portrait() -> NDArray[np.uint8]:
    return np.asarray(skimage.data.astronaut())  # type: ignore[no-untyped-call, unused-ignore]


def letterboxed(
    picture: NDArray[np.uint8], width: int, height: int
) -> tuple[NDArray[np.uint8], float]:
    scale = min(width / picture.shape[1], height / picture.shape[0])
    size = round(picture.shape[1] * scale), round(picture.shape[0] * scale)
    canvas = np.zeros((height, width, 3), np.uint8)
    canvas[: size[1], : size[0]] = np.asarray(Image.fromarray(picture).resize(size))
    return canvas, scale


def results(interpreter: Interpreter, picture: NDArray[np.uint8]) -> dict[str, NDArray[np.float64]]:
    (image,) = interpreter.get_input_details()
    interpreter.set_tensor(image["index"], (picture.astype(np.int16) - 128).astype(np.int8)[None])
    interpreter.invoke()
    values = {}
    for output in interpreter.get_output_details():
        scale, zero_point = output["quantization"]
        values[output["name"]] = (
            interpreter.get_tensor(output["index"])[0].astype(float) - zero_point
        ) * scale
    return values


def sigmoid(values: NDArray[np.float64]) -> NDArray[np.float64]:
    return np.asarray(1 / (1 + np.exp(-values)))


def boxes_above(
    threshold: float, values: dict[str, NDArray[np.float64]], width: int
) -> NDArray[np.float64]:
    """Left, top, right, bottom, score of every cell above `threshold`, the best first."""
    found = []
    for stride in (8, 16, 32):
        pixels = width / values[f"cls_{stride}"].shape[1]
        scores = np.sqrt(sigmoid(values[f"cls_{stride}"]) * sigmoid(values[f"obj_{stride}"]))[
            ..., 0
        ]
        for row, column in np.argwhere(scores > threshold):
            across, down, wide, high = values[f"bbox_{stride}"][row, column]
            x, y, half_width, half_height = (
                np.array([column + across, row + down, np.exp(wide) / 2, np.exp(high) / 2]) * pixels
            )
            found.append(
                (
                    x - half_width,
                    y - half_height,
                    x + half_width,
                    y + half_height,
                    scores[row, column],
                )
            )
    return np.array(sorted(found, key=lambda box: -box[4])).reshape(-1, 5)


def overlap(one: NDArray[np.float64], other: tuple[int, ...]) -> float:
    """Intersection over union."""
    width = min(one[2], other[2]) - max(one[0], other[0])
    height = min(one[3], other[3]) - max(one[1], other[1])
    shared = max(width, 0) * max(height, 0)
    areas = [(box[2] - box[0]) * (box[3] - box[1]) for box in (one, other)]
    return float(shared / (sum(areas) - shared))


def test_the_four_sizes_are_shipped() -> None:
    sizes = ["320x320", "640x384", "640x640", "800x480"]
    assert [path.stem for path in MODELS] == [f"anoncam-face-{size}" for size in sizes]


@each_model
def test_the_file_name_states_the_input_size(path: Path) -> None:
    (image,) = load(path).get_input_details()
    width, height = path.stem.rpartition("-")[2].split("x")
    assert image["shape"].tolist() == [1, int(height), int(width), 3]


@each_model
def test_the_input_takes_a_byte_of_the_picture_less_128(path: Path) -> None:
    (image,) = load(path).get_input_details()
    scale, zero_point = image["quantization"]
    assert image["dtype"] is np.int8
    assert zero_point == -128
    assert scale == pytest.approx(1 / 255)


@each_model
def test_every_head_has_an_int8_output_for_every_cell(path: Path) -> None:
    interpreter = load(path)
    width, height = LOOKED_AT[path.stem]
    outputs = {output["name"]: output for output in interpreter.get_output_details()}
    assert {name: output["shape"].tolist() for name, output in outputs.items()} == {
        f"{head}_{stride}": [1, height // stride, width // stride, channels]
        for head, channels in CHANNELS.items()
        for stride in (8, 16, 32)
    }
    assert all(output["dtype"] is np.int8 for output in outputs.values())


@each_model
def test_objectness_is_quantised_only_where_a_face_is_possible(path: Path) -> None:
    for output in load(path).get_output_details():
        if output["name"].startswith("obj"):
            scale, zero_point = output["quantization"]
            assert (-128 - zero_point) * scale >= -10 - scale


@each_model
def test_the_sidecar_names_head_colour_origin_and_license(path: Path) -> None:
    sidecar = json.loads(path.with_suffix(".json").read_text())
    assert sidecar["head"] == "yunet"
    assert sidecar["color"] == "rgb"
    assert "WIDER FACE" in sidecar["provenance"]
    assert sidecar["license"] == "Apache-2.0"


@each_model
def test_the_model_is_small_enough_to_live_in_the_repository(path: Path) -> None:
    assert path.stat().st_size < 1_000_000


@each_model
def test_only_the_face_of_the_astronaut_is_found(path: Path) -> None:
    interpreter = load(path)
    _, height, width, _ = interpreter.get_input_details()[0]["shape"]
    picture, scale = letterboxed(portrait(), width, height)
    boxes = boxes_above(0.5, results(interpreter, picture), width) / [scale, scale, scale, scale, 1]
    assert len(boxes) > 0
    assert min(overlap(box, ASTRONAUTS_FACE) for box in boxes) > 0.5


@each_model
def test_a_black_picture_has_no_face(path: Path) -> None:
    interpreter = load(path)
    _, height, width, _ = interpreter.get_input_details()[0]["shape"]
    assert (
        len(boxes_above(0.2, results(interpreter, np.zeros((height, width, 3), np.uint8)), width))
        == 0
    )
