import click
import pytest

from tools.leakrate.arguments import detector_of
from tools.leakrate.equal_area import Detector


def test_a_model_is_fitted_unless_its_thresholds_are_given() -> None:
    assert detector_of("new/m.tflite") == Detector("new/m.tflite")
    assert detector_of("new/m.tflite=0.9/0.42") == Detector("new/m.tflite", (0.9, 0.42))


@pytest.mark.parametrize(
    "given", ["m=", "m=0.9", "m=0.9/high", "m=0.3/0.4", "m=1.5/0.4", "m=90/40"]
)
def test_thresholds_that_are_none_are_refused(given: str) -> None:
    with pytest.raises(click.BadParameter, match="START/KEEP"):
        detector_of(given)
