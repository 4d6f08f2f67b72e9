import pytest

from anoncam.config.schema import CoverageSettings


@pytest.mark.parametrize(
    ("start", "keep", "single"), [(0.8, 0.3, 0.25), (0.2, 0.1, 0.2), (0.9, 0.75, 0.3), (0.25, 0.25, 0.25)]
)
def test_a_single_picture_takes_a_lower_score_but_none_that_the_detector_leaves_out(
    start: float, keep: float, single: float
) -> None:
    settings = CoverageSettings(start_threshold=start, keep_threshold=keep)
    assert settings.single_threshold == pytest.approx(single)
