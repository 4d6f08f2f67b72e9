import pytest

from anoncam.config.schema import Config
from tools.leakrate.choice import Outcome, candidate_table, candidates, outcome
from tools.leakrate.labels import Face, LabelledClip
from tools.leakrate.reported_coverage import ReportedCoverage

FACE = (100.0, 100.0, 60.0, 60.0)
CLIP = LabelledClip(320, 240, [[Face(1, FACE), Face(2, (10.0, 10.0, 20.0, 20.0), True)]], [[]])


@pytest.mark.parametrize(
    ("boxes", "leaked"),
    [
        ([FACE], 0.0),
        ([], 1.0),
        ([(100.0, 100.0, 60.0, 30.0)], 1.0),
        ([(100.0, 100.0, 60.0, 54.0)], 0.0),
    ],
    ids=["covered", "not covered", "half of it covered", "all but the chin covered"],
)
def test_a_face_leaks_where_a_third_of_its_cells_is_uncovered(
    boxes: list[tuple[float, float, float, float]], leaked: float
) -> None:
    assert outcome(CLIP, ReportedCoverage(False, [boxes])).leaked == leaked


def test_what_is_covered_beyond_the_faces_and_their_margins_is_false() -> None:
    beside = (200.0, 0.0, 120.0, 240.0)
    assert outcome(CLIP, ReportedCoverage(False, [[FACE]])).falsely_covered == 0
    assert outcome(CLIP, ReportedCoverage(False, [[beside]])).falsely_covered == 120 / 320


def test_the_shipped_settings_are_among_the_candidates() -> None:
    assert Config() in [setting.config for setting in candidates(Config()).values()]


def test_the_candidate_that_leaks_least_over_the_kinds_comes_first() -> None:
    table = candidate_table(
        {
            "first": {"walk": Outcome(0.04, 0.01), "cut": Outcome(0.0, 0.01)},
            "second": {"walk": Outcome(0.01, 0.02), "cut": Outcome(0.01, 0.04)},
        }
    )
    assert table[2] == "| second | 1.00% / 3.00% | 1.00% / 2.00% | 1.00% / 4.00% |"
