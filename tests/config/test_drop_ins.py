from pathlib import Path

import pytest

from anoncam.config.drop_ins import drop_in_folder, overridden
from anoncam.config.given_settings import place_of
from anoncam.config.load import load
from anoncam.config.problems import InvalidConfigError, Place


@pytest.fixture
def config(tmp_path: Path) -> Path:
    path = tmp_path / "config.yaml"
    path.write_text("detector: {model: auto, rate: 5}\n")
    return path


def drop_in(config: Path, name: str, text: str) -> Path:
    folder = drop_in_folder(config)
    folder.mkdir(exist_ok=True)
    path = folder / name
    path.write_text(text)
    return path


def test_a_drop_in_wins_over_the_file_and_the_environment_over_both(config: Path) -> None:
    drop_in(config, "model.yaml", "detector: {model: a, rate: 7}\n")
    assert load(config, {}).detector.model == "a"
    assert load(config, {}).detector.rate == 7
    assert load(config, {"ANONCAM__DETECTOR__RATE": "9"}).detector.rate == 9


def test_of_two_drop_ins_the_later_name_wins(config: Path) -> None:
    drop_in(config, "20.yaml", "detector: {model: later}\n")
    drop_in(config, "10.yaml", "detector: {model: earlier}\n")
    assert load(config, {}).detector.model == "later"


def test_files_that_are_hidden_or_of_another_kind_are_no_drop_ins(config: Path) -> None:
    drop_in(config, ".model.yaml", "not: [valid")
    drop_in(config, "model.yaml.dpkg-old", "not: [valid")
    assert load(config, {}).detector.rate == 5


def test_a_mistake_in_a_drop_in_is_reported_with_its_place(config: Path) -> None:
    path = drop_in(config, "model.yaml", "detector:\n  rate: 400\n")
    with pytest.raises(InvalidConfigError) as raised:
        load(config, {})
    assert [problem.place for problem in raised.value.problems] == [Place(str(path), 2)]


def test_the_place_of_a_setting_is_the_file_that_wins(config: Path) -> None:
    path = drop_in(config, "model.yaml", "detector:\n  model: a\n")
    assert place_of(("detector", "model"), config, {}) == Place(str(path), 2)
    assert place_of(("detector", "rate"), config, {}) == Place(str(config), 1)


def test_an_edit_that_has_no_effect_is_told(config: Path) -> None:
    drop_in(config, "model.yaml", "detector: {model: a}\n")
    assert overridden(config) == ()
    config.write_text("detector:\n  model: mine\n")
    (advice,) = overridden(config)
    assert str(advice).startswith(f"{config}:2: detector.model: has no effect")
