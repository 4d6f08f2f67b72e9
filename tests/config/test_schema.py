import pytest

from anoncam.config.schema import CoverageSettings, PictureCoverage


@pytest.mark.parametrize(
    ("start", "keep", "single"),
    [(0.8, 0.3, 0.25), (0.2, 0.1, 0.2), (0.9, 0.75, 0.3), (0.25, 0.25, 0.25)],
)
def test_a_single_picture_takes_a_lower_score_but_none_that_the_detector_leaves_out(
    start: float, keep: float, single: float
) -> None:
    settings = CoverageSettings(start_threshold=start, keep_threshold=keep)
    assert settings.single_threshold == pytest.approx(single)


def test_the_detector_tells_of_less_than_counts_in_footage_and_of_no_more_than_is_covered_in_a_picture() -> (
    None
):
    assert CoverageSettings().least_score < CoverageSettings().keep_threshold
    assert PictureCoverage(start_threshold=0.25, keep_threshold=0.25).least_score == 0.25
