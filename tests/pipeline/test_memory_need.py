from collections.abc import Mapping
from pathlib import Path

import pytest

from anoncam.config.keys import dotted
from anoncam.config.schema import Config
from anoncam.errors import InputError
from anoncam.pipeline.memory_need import KEYS, configured_format, memory_need, refuse_large
from anoncam.pipeline.pool_size import pool_size
from tests.support.clips import make_clip
from tests.support.reading import open_clip


def config(**sections: Mapping[str, object]) -> Config:
    return Config.model_validate(sections)


def total(**sections: Mapping[str, object]) -> int:
    settings = config(**sections)
    frame_format = configured_format(settings)
    assert frame_format is not None
    return memory_need(frame_format, settings).total


def test_the_pool_is_counted_as_the_pipeline_makes_it() -> None:
    settings = config(source={"width": 3840, "height": 2160})
    frame_format = configured_format(settings)
    assert frame_format is not None
    need = memory_need(frame_format, settings)
    assert (
        need.pool
        == pool_size(float(frame_format.frame_rate), settings, live=True) * 3840 * 2160 * 3 // 2
    )


def test_the_estimate_is_near_what_was_measured() -> None:
    measured = {(1280, 720): 197e6, (1920, 1080): 258e6, (3840, 2160): 582e6}
    for (width, height), resident in measured.items():
        need = total(source={"width": width, "height": height})
        assert abs(need - resident) < 0.1 * resident


def test_a_file_that_needs_more_memory_than_is_allowed_is_refused(tmp_path: Path) -> None:
    clip = make_clip(tmp_path / "clip.mp4", size=(320, 240), times=range(3))
    with open_clip(clip) as source:
        refuse_large(source, config())
        refuse_large(source, config(files={"max_memory": None}))
        with pytest.raises(InputError, match=r"files\.max_memory allows 0\.1 GB"):
            refuse_large(source, config(files={"max_memory": 100_000_000}))


LOWER = {"width": 640, "height": 360, "fps": 10, "look_ahead": 0.1}


@pytest.mark.parametrize("key", KEYS, ids=dotted)
def test_each_key_that_is_named_lowers_the_need(key: tuple[str, str]) -> None:
    large: dict[str, dict[str, object]] = {
        "source": {"width": 3840, "height": 2160},
        "coverage": {"look_ahead": 0.5},
    }
    lower = large | {key[0]: large[key[0]] | {key[1]: LOWER[key[1]]}}
    assert total(**lower) < total(**large)


def test_a_source_with_a_size_of_its_own_has_no_configured_format() -> None:
    assert configured_format(config(source={"type": "rtsp", "address": "rtsp://h/1"})) is None
    assert configured_format(config(source={"type": "file", "address": "/a.mp4"})) is None
