import pytest

from anoncam.config.schema import Config
from anoncam.pipeline.pool_size import SPARE_FRAMES, pool_size


@pytest.mark.parametrize(("live", "frames"), [(True, 15), (False, 15 + 9)])
def test_the_pool_has_frames_for_the_look_ahead_and_for_three_more_results_of_a_file(
    live: bool, frames: int
) -> None:
    assert pool_size(30, Config(), live=live) == frames + SPARE_FRAMES


def test_results_for_every_frame_need_no_more_than_the_spare_frames() -> None:
    config = Config()
    every = config.model_copy(update={"detector": config.detector.model_copy(update={"rate": 0.0})})
    assert pool_size(30, every, live=False) == 15 + SPARE_FRAMES


def test_a_low_rate_does_not_fill_the_memory() -> None:
    slow, slower = (Config.model_validate({"detector": {"rate": rate}}) for rate in (1, 0.01))
    assert pool_size(30, slower, live=False) == pool_size(30, slow, live=False)
