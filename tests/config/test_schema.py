import pytest

from anoncam.config.schema import CoverageSettings, PictureCoverage


@pytest.mark.parametrize(
    ("start", "keep", "single"),
    [(0.8, 0.3, 0.2), (0.15, 0.1, 0.15), (0.9, 0.75, 0.3), (0.2, 0.2, 0.2)],
)
def test_a_single_picture_takes_lower_scores_as_far_as_the_detector_reports_them(
    start: float, keep: float, single: float
) -> None:
    settings = CoverageSettings(start_threshold=start, keep_threshold=keep)
    assert settings.single_threshold == pytest.approx(single)


def test_in_footage_the_detector_reports_scores_below_the_keep_threshold() -> None:
    assert CoverageSettings().least_score < CoverageSettings().keep_threshold


def test_in_a_picture_the_detector_reports_only_scores_that_are_covered() -> None:
    assert PictureCoverage(start_threshold=0.25, keep_threshold=0.25).least_score == 0.25
