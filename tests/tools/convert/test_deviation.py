import numpy as np
import pytest
from numpy.typing import NDArray

from anoncam.errors import ModelError

pytest.importorskip("torch", reason="torch is not installed (extra: tools)")

from tools.convert.deviation import (  # it needs torch
    Limits,
    Outputs,
    compare_heads,
    compare_precision,
)

PICTURES = [np.full((4, 4, 3), value, np.uint8) for value in (10, 90, 250)]


def outputs(picture: NDArray[np.uint8]) -> Outputs:
    values = np.arange(16, dtype=np.float32) * float(picture[0, 0, 0])
    return {"cls_8": values, "bbox_8": -values}


def off_by(error: float) -> object:
    return lambda picture: {
        name: value + np.float32(error) for name, value in outputs(picture).items()
    }


def test_a_head_that_deviates_by_too_much_of_its_spread_is_named() -> None:
    with pytest.raises(ModelError, match=r"cls_8 is off by 0\.\d+ of its spread, 0\.01 is allowed"):
        compare_heads(outputs, off_by(100), PICTURES, Limits(head_error=0.01, precision=1))  # type: ignore[arg-type]
    found = compare_heads(outputs, off_by(1), PICTURES, Limits(0.01, 1))  # type: ignore[arg-type]
    assert len(found) == 2


def test_an_output_that_is_not_a_number_fails() -> None:
    with pytest.raises(ModelError, match="cls_8"):
        compare_heads(outputs, off_by(np.nan), PICTURES, Limits(0.25, 1, harmless=0.5))  # type: ignore[arg-type]


def test_a_harmless_deviation_passes_where_values_hardly_spread() -> None:
    def nearly_same(_picture: NDArray[np.uint8]) -> Outputs:
        return {"obj_8": np.array([-4.6, -4.6001], np.float32)}

    def rounded(_picture: NDArray[np.uint8]) -> Outputs:
        return {"obj_8": np.array([-4.61, -4.61], np.float32)}

    assert compare_heads(nearly_same, rounded, PICTURES, Limits(0.25, 1, harmless=0.03))
    with pytest.raises(ModelError, match="obj_8"):
        compare_heads(nearly_same, rounded, PICTURES, Limits(0.25, 1, harmless=0.003))


def test_lost_precision_fails_beyond_the_limit_and_beyond_one_face() -> None:
    expected, faces = {"hard": 0.8}, {"hard": 1000}
    assert compare_precision(expected, {"hard": 0.796}, faces, 0.005)
    with pytest.raises(ModelError, match=r"hard: AP 0\.7940, checkpoint 0\.8000"):
        compare_precision(expected, {"hard": 0.794}, faces, 0.005)
    assert compare_precision(expected, {"hard": 0.794}, {"hard": 100}, 0.005)
