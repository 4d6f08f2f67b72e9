import json
from pathlib import Path

import pytest

from anoncam.config.advice import advise
from anoncam.config.keys import FIELDS
from anoncam.config.last_good import FILE_NAME, recall, remember
from anoncam.config.load import load
from anoncam.config.problems import InvalidConfigError
from anoncam.config.renamed import RENAMED
from anoncam.config.schema import Config

OLD = "coverage: {hold: 3}\ndetector:\n  answer_timeout: 4\n"


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "garden.yaml"
    path.write_text(OLD)
    return path


def test_every_old_name_leads_to_a_key_that_exists_and_is_free_itself() -> None:
    assert set(RENAMED.values()) <= set(FIELDS)
    assert set(RENAMED).isdisjoint(FIELDS)


def test_an_old_name_in_a_file_sets_the_key_that_has_another_name_now(file: Path) -> None:
    config = load(file, {})
    assert (config.coverage.persistence, config.detector.result_timeout) == (3.0, 4.0)


def test_an_old_name_in_the_environment_sets_it_too_and_wins_over_the_file(file: Path) -> None:
    environment = {"ANONCAM__COVERAGE__HOLD": "7"}
    assert load(file, environment).coverage.persistence == 7.0
    assert "environment: ANONCAM__COVERAGE__HOLD: coverage.hold: is now called" in "".join(
        map(str, advise(load(file, environment), file, environment))
    )


def test_each_old_name_is_reported_with_its_line_and_the_new_name(file: Path) -> None:
    assert list(map(str, advise(load(file, {}), file, {}))) == [
        f"{file}:1: coverage.hold: is now called coverage.persistence",
        f"{file}:3: detector.answer_timeout: is now called detector.result_timeout",
    ]


@pytest.mark.parametrize(
    "text", ["coverage: {hold: 1, persistence: 2}", "coverage: {persistence: 2, hold: 1}"]
)
def test_both_names_of_one_setting_are_refused(file: Path, text: str) -> None:
    file.write_text(text)
    with pytest.raises(InvalidConfigError, match="is the same setting as"):
        load(file, {})


def test_a_value_that_is_not_allowed_is_refused_at_the_line_of_the_old_name(file: Path) -> None:
    file.write_text("coverage:\n  hold: long\n")
    with pytest.raises(InvalidConfigError, match=rf"^{file}:2: coverage.persistence: is \"long\""):
        load(file, {})


def test_the_last_good_configuration_of_an_earlier_version_is_recalled(tmp_path: Path) -> None:
    config = Config.model_validate({"coverage": {"persistence": 3.0}})
    remember(config, tmp_path)
    stored = json.loads((tmp_path / FILE_NAME).read_text())
    stored["coverage"]["hold"] = stored["coverage"].pop("persistence")
    (tmp_path / FILE_NAME).write_text(json.dumps(stored))
    assert recall(tmp_path) == config
