import pytest

from anoncam.config.changes import (
    NEEDS_NEW_DETECTOR,
    NEEDS_NEW_SOURCE,
    changes,
    needs_new_detector,
    needs_new_source,
)
from anoncam.config.keys import FIELDS, dotted
from anoncam.config.schema import Config


def config(**sections: dict[str, object]) -> Config:
    return Config.model_validate(sections)


def test_equal_configurations_differ_in_nothing() -> None:
    assert changes(Config(), config(detector={"rate": 20})) == ()


def test_every_differing_key_is_named_with_its_sections() -> None:
    new = config(
        recording={"retention": {"max_age": 3}},
        source={"fps": 25, "loop": True},
        anonymizer={"zones": [[[0, 0], [1, 0], [1, 1]]]},
    )
    assert changes(Config(), new) == (
        "source.fps",
        "source.loop",
        "anonymizer.zones",
        "recording.retention.max_age",
    )


@pytest.mark.parametrize(
    "key", ["source.address", "source.rotation", "coverage.look_ahead", "recording.encoder"]
)
def test_what_the_camera_the_pool_or_the_encoder_is_made_of_needs_a_new_source(key: str) -> None:
    assert needs_new_source(("anonymizer.fill", key))


@pytest.mark.parametrize(
    "key", ["detector.model", "coverage.persistence", "anonymizer.zones", "recording.bitrate"]
)
def test_all_other_changes_take_effect_without_a_new_source(key: str) -> None:
    assert not needs_new_source((key,))
    assert not needs_new_source(())


def test_what_the_child_process_was_started_with_needs_a_new_detector() -> None:
    assert needs_new_detector(("detector.model",))
    assert not needs_new_detector(("detector.rate", "detector.max_gap"))


def test_the_tables_name_only_keys_that_exist() -> None:
    assert set(map(dotted, FIELDS)) >= NEEDS_NEW_SOURCE | NEEDS_NEW_DETECTOR
