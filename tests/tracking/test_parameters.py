import numpy as np

from anoncam.config.schema import CoverageSettings
from anoncam.tracking.parameters import nanoseconds, parameters_of


def test_parameters_follow_the_settings() -> None:
    settings = CoverageSettings(
        start_threshold=0.7, keep_threshold=0.3, look_ahead=0.25, persistence=2
    )
    parameters = parameters_of(settings)
    assert (parameters.look_ahead, parameters.persistence) == (0.25, 2)
    assert parameters.least_score == settings.least_score
    assert parameters.start_threshold == np.float32(0.7)
    assert parameters.keep_threshold == np.float32(0.3)


def test_times_become_whole_nanoseconds() -> None:
    assert nanoseconds(0.1) == 100_000_000
