import json
from pathlib import Path

import pytest

from anoncam.config.added_zones import (
    EVERYTHING,
    FILE_NAME,
    MOST,
    MOST_PICTURES,
    check,
    read,
    with_zones,
    write,
)
from anoncam.config.schema import AnonymizerSettings, Config, Zone
from anoncam.errors import ConfigError, StorageError

LEFT = ((0.0, 0.0), (0.3, 0.0), (0.3, 1.0), (0.0, 1.0))
RIGHT = ((0.7, 0.0), (1.0, 0.0), (1.0, 1.0))


def test_zones_are_read_as_they_were_written(tmp_path: Path) -> None:
    assert read(tmp_path) == ()
    write(tmp_path, (LEFT, RIGHT))
    assert read(tmp_path) == (LEFT, RIGHT)
    write(tmp_path, ())
    assert read(tmp_path) == ()


@pytest.mark.parametrize("damage", ["", "[", "{}", "[[[0, 0], [1, 1]]]", "null", "[" * 50_000])
def test_a_damaged_file_covers_everything(tmp_path: Path, damage: str) -> None:
    (tmp_path / FILE_NAME).write_text(damage)
    assert read(tmp_path) == (EVERYTHING,)


def test_a_file_that_cannot_be_read_covers_everything(tmp_path: Path) -> None:
    (tmp_path / FILE_NAME).mkdir()
    assert read(tmp_path) == (EVERYTHING,)
    with pytest.raises(StorageError, match="added zones"):
        write(tmp_path, (LEFT,))


@pytest.mark.parametrize("zones", [[LEFT] * (MOST + 1), [EVERYTHING] * (MOST_PICTURES + 1)])
def test_zones_that_take_long_in_each_frame_cannot_be_added(zones: list[Zone]) -> None:
    with pytest.raises(ConfigError, match=r"more than (16 zones|4 times)"):
        check(zones)


def test_the_most_zones_and_the_largest_can_be_added() -> None:
    quarter = ((0.0, 0.0), (0.25, 0.0), (0.25, 1.0), (0.0, 1.0))
    assert len(check([quarter] * MOST)) == MOST
    assert len(check([EVERYTHING] * MOST_PICTURES)) == MOST_PICTURES


def test_added_zones_come_beside_those_of_the_configuration() -> None:
    config = Config(anonymizer=AnonymizerSettings(zones=(LEFT,)))
    assert with_zones(config, (RIGHT,)).anonymizer.zones == (LEFT, RIGHT)
    assert with_zones(config, ()).anonymizer.zones == (LEFT,)
    assert config.anonymizer.zones == (LEFT,)


@pytest.mark.parametrize(
    ("zones", "problem"),
    [
        ([[[0, 0], [1, 1]]], "zones[0]: "),
        ([[[0, 0], [2, 0], [1, 1]]], "zones[0][1][0]: "),
        ([[[0, 0], [1, 1], [1, 0], [0, 1]]], "zones[0]: "),
        ([[[0, 0], [1, 0], ["1", 1]]], "zones[0][2][0]: "),
        ({"zones": []}, "zones: "),
        (None, "zones: "),
        ([LEFT] * 101, "zones: "),
    ],
)
def test_what_the_configuration_would_refuse_is_refused(zones: object, problem: str) -> None:
    with pytest.raises(ConfigError) as refused:
        check(json.loads(json.dumps(zones)))
    assert str(refused.value).startswith(problem)
