from hypothesis import given
from hypothesis import strategies as st

from anoncam.review.document import Footage
from anoncam.review.upright import to_stored, to_upright, upright_size
from tests.support.documents import SHA256


def footage(rotation: int) -> Footage:
    return Footage.model_validate(
        {
            "sha256": SHA256,
            "width": 64,
            "height": 48,
            "rotation": rotation,
            "frames": 0,
            "times": (),
        }
    )


def test_a_quarter_turn_brings_the_lower_left_to_the_upper_left() -> None:
    turned = footage(90)
    assert upright_size(turned) == (48, 64)
    assert to_upright((0, 38, 20, 48), turned) == (0, 0, 10, 20)
    assert to_upright((0, 38, 20, 48), footage(270)) == (38, 44, 48, 64)
    assert to_upright((0, 38, 20, 48), footage(180)) == (44, 0, 64, 10)


@given(st.sampled_from([0, 90, 180, 270]), st.tuples(*[st.integers(-99, 99)] * 4))
def test_a_box_is_turned_there_and_back(rotation: int, box: tuple[int, int, int, int]) -> None:
    assert to_stored(to_upright(box, footage(rotation)), footage(rotation)) == box
