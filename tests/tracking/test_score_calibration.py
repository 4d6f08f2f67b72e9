import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from anoncam.tracking.score_calibration import MOST_CROWD, SMALL, SMALLEST, count_similar, worth

parts = st.floats(0, 1)


@given(parts, st.floats(0, 2), st.integers(0, 500))
def test_a_score_is_never_worth_less_than_it_is_nor_more_than_a_certainty(
    score: float, size: float, company: int
) -> None:
    (found,) = worth(np.array([score]), np.array([size]), np.array([company]))
    assert score - 1e-12 <= found <= 1


def test_the_smaller_a_face_and_the_more_its_company_the_more_a_score_is_worth() -> None:
    sizes = np.array([1.0, SMALL, 0.08, SMALLEST, 0.001])
    by_size = worth(np.full(5, 0.2), sizes, np.zeros(5, int))
    assert by_size[0] == by_size[1] == 0.2
    assert by_size[1] < by_size[2] < by_size[3] == by_size[4]
    by_company = worth(np.full(4, 0.2), np.ones(4), np.array([0, 1, MOST_CROWD, 100]))
    assert 0.2 == by_company[0] < by_company[1] < by_company[2] == by_company[3]


def test_alike_are_boxes_of_like_size_wherever_they_are() -> None:
    boxes = np.array([[0, 0, 20, 20], [500, 300, 580, 380]], float)
    others = np.array([[100, 100, 125, 125], [0, 0, 15, 15], [0, 0, 40, 40]], float)
    assert count_similar(boxes, others).tolist() == [2, 0]
    assert count_similar(boxes, np.empty((0, 4))).tolist() == [0, 0]
    assert count_similar(np.empty((0, 4)), others).tolist() == []
