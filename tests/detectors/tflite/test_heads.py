import math
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pytest
from numpy.typing import NDArray

from anoncam.detectors.detector import Detections
from anoncam.detectors.suppression import MOST_OVERLAP, suppress
from anoncam.detectors.tflite.heads import head
from anoncam.detectors.tflite.heads.head import Tensor
from anoncam.errors import DetectorError, ModelError

WIDTH, HEIGHT = 96, 64

Stored = Mapping[int, NDArray[Any]]


def _yunet(
    rng: np.random.Generator, dtype: type = np.int8, looked_at: tuple[int, int] = (WIDTH, HEIGHT)
) -> tuple[list[Tensor], Stored]:
    """Heads of a network that looks at so many pixels across and down."""
    tensors: list[Tensor] = []
    stored: dict[int, NDArray[Any]] = {}
    for stride in (8, 16, 32):
        for name, depth in (("bbox", 4), ("cls", 1), ("obj", 1)):
            shape = (1, looked_at[1] // stride, looked_at[0] // stride, depth)
            tensor = Tensor(
                len(tensors) + 40,
                f"{name}_{stride}",
                shape,
                0.03 + stride / 1000,
                int(rng.integers(-20, 20)),
            )
            tensors.append(tensor)
            stored[tensor.index] = rng.integers(-128, 128, shape).astype(dtype)
    return tensors, stored


def _reader(stored: Stored) -> Callable[[int], NDArray[Any]]:
    return lambda index: stored[index]


def _scalar_yunet(tensors: list[Tensor], stored: Stored, floor: float) -> list[list[float]]:
    """The formulas of the head, one cell after the other."""
    named = {tensor.name: tensor for tensor in tensors}

    def real(name: str, row: int, column: int, channel: int) -> float:
        tensor = named[name]
        return (
            float(stored[tensor.index][0, row, column, channel]) - tensor.zero_point
        ) * tensor.scale

    found = []
    for stride in (8, 16, 32):
        _, rows, columns, _ = named[f"cls_{stride}"].shape
        wide, high = WIDTH / columns, HEIGHT / rows
        for row in range(rows):
            for column in range(columns):
                cls = 1 / (1 + math.exp(-real(f"cls_{stride}", row, column, 0)))
                obj = 1 / (1 + math.exp(-real(f"obj_{stride}", row, column, 0)))
                score = math.sqrt(cls * obj)
                if score < floor:
                    continue
                dx, dy, dw, dh = (
                    real(f"bbox_{stride}", row, column, channel) for channel in range(4)
                )
                width, height = math.exp(dw) * wide, math.exp(dh) * high
                found.append(
                    [
                        (column + dx) * wide - width / 2,
                        (row + dy) * high - height / 2,
                        width,
                        height,
                        score,
                    ]
                )
    return found


def _scalar_suppression(found: list[list[float]]) -> list[list[float]]:
    kept: list[list[float]] = []
    for box in sorted(found, key=lambda detection: -detection[4]):
        x, y, width, height, _ = box
        for left, top, other_width, other_height, _ in kept:
            across = max(0.0, min(x + width, left + other_width) - max(x, left))
            down = max(0.0, min(y + height, top + other_height) - max(y, top))
            shared = across * down
            if shared > MOST_OVERLAP * (width * height + other_width * other_height - shared):
                break
        else:
            kept.append(box)
    return kept


@pytest.mark.parametrize("looked_at", [(96, 64), (128, 96), (96, 96), (192, 128)])
@pytest.mark.parametrize("seed", range(8))
def test_yunet_heads_are_read_as_the_formulas_say(seed: int, looked_at: tuple[int, int]) -> None:
    tensors, stored = _yunet(np.random.default_rng(seed), looked_at=looked_at)
    decode = head.choose("yunet", tensors, WIDTH, HEIGHT)

    detections, complete = decode(_reader(stored), 0.5)

    wanted = np.array(_scalar_suppression(_scalar_yunet(tensors, stored, 0.5)))
    assert complete
    assert len(wanted) > 3
    np.testing.assert_allclose(detections, wanted, rtol=2e-3, atol=0.02)


@pytest.mark.parametrize("seed", range(3))
def test_a_float_yunet_head_is_read_like_one_in_int8(seed: int) -> None:
    tensors, stored = _yunet(np.random.default_rng(seed))
    as_float = {
        tensor.index: (stored[tensor.index].astype(np.float32) - tensor.zero_point)
        * np.float32(tensor.scale)
        for tensor in tensors
    }
    plain = [Tensor(tensor.index, tensor.name, tensor.shape, 0.0, 0) for tensor in tensors]

    quantised, _ = head.choose("yunet", tensors, WIDTH, HEIGHT)(_reader(stored), 0.5)
    exact, _ = head.choose("yunet", plain, WIDTH, HEIGHT)(_reader(as_float), 0.5)

    np.testing.assert_allclose(quantised, exact, rtol=1e-4, atol=1e-3)


def test_extreme_yunet_boxes_still_have_a_size() -> None:
    tensors, stored = _yunet(np.random.default_rng(0))
    wild = [
        Tensor(t.index, t.name, t.shape, 3.0 if t.name.startswith("bbox") else t.scale, 0)
        for t in tensors
    ]

    detections, _ = head.choose("yunet", wild, WIDTH, HEIGHT)(_reader(stored), 0.0)

    assert np.isfinite(detections).all()
    assert (detections[:, 2:4] > 0).all()


def test_a_float_head_with_nan_raises_an_error_instead_of_finding_nothing() -> None:
    tensors, stored = _yunet(np.random.default_rng(0), np.float32)
    plain = [Tensor(tensor.index, tensor.name, tensor.shape, 0.0, 0) for tensor in tensors]
    for tensor in tensors:
        stored[tensor.index][:] = np.nan

    with pytest.raises(DetectorError, match="no numbers"):
        head.choose("yunet", plain, WIDTH, HEIGHT)(_reader(stored), 0.2)


@pytest.mark.parametrize("name", ["cls_8", "obj_16", "bbox_32"])
def test_a_yunet_head_of_another_shape_is_named(name: str) -> None:
    tensors, _ = _yunet(np.random.default_rng(0))
    odd = [
        Tensor(t.index, t.name, (1, 5, 7, 3), t.scale, 0) if t.name == name else t for t in tensors
    ]

    with pytest.raises(ModelError, match=rf"{name} has shape \[1, 5, 7, 3\].*sidecar"):
        head.choose("yunet", odd, WIDTH, HEIGHT)


def test_a_yunet_head_with_too_few_cells_for_the_input_is_refused() -> None:
    tensors, _ = _yunet(np.random.default_rng(0), looked_at=(64, 64))

    with pytest.raises(
        ModelError, match=r"cls_32 has shape \[1, 2, 2, 1\]: too few cells for 96x64 pixels"
    ):
        head.choose("yunet", tensors, WIDTH, HEIGHT)


@pytest.mark.parametrize("shape", [(), (6,), (1, 2, 3), (1, 0, 0, 1), (2, 2, 3, 1)])
def test_a_yunet_head_whose_shape_is_no_grid_is_refused(shape: tuple[int, ...]) -> None:
    tensors, _ = _yunet(np.random.default_rng(0))
    odd = [Tensor(t.index, t.name, shape, t.scale, 0) if t.name == "cls_32" else t for t in tensors]

    with pytest.raises(ModelError, match=r"cls_32 has shape .*sidecar"):
        head.choose("yunet", odd, WIDTH, HEIGHT)


def test_the_error_names_the_output_that_a_yunet_head_lacks() -> None:
    tensors, _ = _yunet(np.random.default_rng(0))

    with pytest.raises(ModelError, match=r"no output 'cls_16'.*it has bbox_8"):
        head.choose(
            "yunet", [tensor for tensor in tensors if tensor.name != "cls_16"], WIDTH, HEIGHT
        )


@pytest.mark.parametrize("named", ["", "centerface"])
def test_an_unknown_head_raises_an_error_with_the_shapes_and_a_remedy(named: str) -> None:
    outputs = [Tensor(0, "probabilities", (1, 1001), 1 / 256, 0)]

    with pytest.raises(ModelError, match=r"its outputs are \[1, 1001\].*sidecar .json.*yunet, ssd"):
        head.choose(named, outputs, WIDTH, HEIGHT)


def _ssd(count: int) -> list[Tensor]:
    shapes = [(1, count, 4), (1, count), (1, count), (1,)]
    return [
        Tensor(number, f"TFLite_Detection_PostProcess:{number}", shape, 0.0, 0)
        for number, shape in enumerate(shapes)
    ]


def _ssd_outputs(scores: list[float], count: int) -> Stored:
    boxes = np.array([[[0.25, 0.5, 0.5, 1.0]] * len(scores)], np.float32)
    scored = np.array([scores], np.float32)
    return {0: boxes, 1: np.zeros_like(scored), 2: scored, 3: np.array([count], np.float32)}


def test_ssd_outputs_are_known_by_their_shapes_and_read_in_pixels_of_the_input() -> None:
    decode = head.choose("", _ssd(4), 320, 200)

    detections, complete = decode(_reader(_ssd_outputs([0.9, 0.8, 0.1, 0.95], 3)), 0.5)

    assert complete
    assert detections.tolist() == [
        [160, 50, 160, 50, np.float32(0.9)],
        [160, 50, 160, 50, np.float32(0.8)],
    ]


def test_an_ssd_output_full_of_faces_is_not_complete() -> None:
    decode = head.choose("ssd", _ssd(3), 320, 320)

    assert decode(_reader(_ssd_outputs([0.9, 0.8, 0.5], 3)), 0.5)[1] is False


def test_an_ssd_output_that_is_full_but_not_of_faces_is_complete() -> None:
    decode = head.choose("ssd", _ssd(3), 320, 320)

    assert decode(_reader(_ssd_outputs([0.9, 0.8, 0.49], 3)), 0.5)[1] is True


@pytest.mark.parametrize("count", [-3, 0])
def test_an_ssd_output_without_faces_is_complete_and_empty(count: int) -> None:
    detections, complete = head.choose("ssd", _ssd(3), 320, 320)(
        _reader(_ssd_outputs([0.9, 0.8, 0.7], count)), 0.5
    )

    assert detections.shape == (0, 5)
    assert complete


def test_an_ssd_output_with_nan_raises_an_error() -> None:
    with pytest.raises(DetectorError, match="no numbers"):
        head.choose("ssd", _ssd(3), 320, 320)(_reader(_ssd_outputs([0.9, math.nan, 0.7], 3)), 0.5)


def test_an_ssd_head_with_other_outputs_raises_an_error_that_names_them() -> None:
    with pytest.raises(ModelError, match=r"\[1, 10\].*boxes \[1, n, 4\]"):
        head.choose("ssd", [Tensor(0, "scores", (1, 10), 0.0, 0)], 320, 320)


@pytest.mark.parametrize("seed", range(6))
def test_suppression_keeps_the_same_boxes_as_a_plain_loop(seed: int) -> None:
    rng = np.random.default_rng(seed)
    found: Detections = np.column_stack(
        (rng.uniform(0, 100, (60, 2)), rng.uniform(5, 60, (60, 2)), rng.permutation(60) / 60)
    ).astype(np.float32)

    np.testing.assert_allclose(
        suppress(found), np.array(_scalar_suppression(found.tolist())), rtol=1e-6
    )


def test_suppressing_no_detections_returns_none() -> None:
    assert suppress(np.empty((0, 5), np.float32)).shape == (0, 5)
