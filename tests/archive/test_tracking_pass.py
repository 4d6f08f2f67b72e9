"""The tracking pass needs every result that a single pass has."""

import numpy as np
import pytest

from anoncam.archive.detection import Seen
from anoncam.archive.tracking_pass import track
from anoncam.config.schema import Config
from anoncam.detectors.detector import DetectionResult
from anoncam.errors import InputError
from anoncam.frames.frame import tight
from anoncam.motion.camera_motion import STILL
from anoncam.motion.cells import Cells


def no_cuts(_cut: int) -> tuple[Cells, Cells]:
    raise AssertionError("there is no cut")


def seen_at(time: int, *, has_result: bool) -> Seen:
    nothing = DetectionResult(time, np.zeros((0, 5), np.float32), complete=True, latency=0.0)
    return Seen(time, STILL, False, None, nothing if has_result else None)


@pytest.mark.parametrize("missing", [0, 2])
def test_a_missing_result_is_an_error_of_the_input_at_the_end_of_the_file_too(missing: int) -> None:
    seen = [seen_at(time * 40_000_000, has_result=time != missing) for time in range(3)]
    with pytest.raises(InputError, match="lack a result"):
        list(track(seen, tight(64, 48), Config(), no_cuts))
