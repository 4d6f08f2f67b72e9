import pytest

from anoncam.config.environment import misspelled_variables, variable
from anoncam.config.keys import FIELDS, dotted
from anoncam.config.load import load
from anoncam.config.schema import Config


def advice(**environment: str) -> list[str]:
    return list(map(str, misspelled_variables(environment)))


@pytest.mark.parametrize(
    "name",
    [
        "ANONCAM_SOURCE_TYPE",
        "ANONCAM_SOURCE__TYPE",
        "anoncam__source__type",
        "Anoncam_Source_Type",
        "ANONCAM.SOURCE.TYPE",
        "ANONCAM-SOURCE-TYPE",
        "anoncam.source.type",
        "ANONCAM_SOURCE_TYP",
    ],
)
def test_a_misspelled_variable_is_reported_with_the_right_name(name: str) -> None:
    assert advice(**{name: "rtsp"}) == [
        f"environment: {name}: has no effect, did you mean ANONCAM__SOURCE__TYPE?"
    ]
    assert load(None, {name: "rtsp"}) == Config()


@pytest.mark.parametrize("key", FIELDS, ids=dotted)
def test_single_underscores_and_lower_case_are_noticed_for_every_key(key: tuple[str, ...]) -> None:
    right = variable(key)
    for wrong in (right.replace("__", "_"), right.lower(), right.lower().replace("__", "_")):
        (line,) = advice(**{wrong: "1"})
        assert line.endswith(f"did you mean {right}?")


def test_a_name_with_an_old_key_leads_to_the_new_one() -> None:
    (line,) = advice(ANONCAM_COVERAGE_HOLD="1")
    assert line.endswith("did you mean ANONCAM__COVERAGE__PERSISTENCE?")


def test_a_name_without_its_inner_section_leads_to_the_nearest_key() -> None:
    (line,) = advice(ANONCAM_RECORDING_MAX_SIZE="1GB")
    assert line.endswith("did you mean ANONCAM__RECORDING__RETENTION__MAX_SIZE?")


@pytest.mark.parametrize(
    "name",
    [
        "ANONCAM__SOURCE__TYPE",
        "ANONCAM_SHARED",
        "ANONCAM_ROOTS",
        "ANONCAM",
        "ANONCAM_",
        "ANONCAM_SOURCE",
        "ANONCAM_EVENT",
        "ANONCAM_OTHER_TYPE",
        "ANONCAM_SOURCES_LIST",
        "MY_ANONCAM_SOURCE_TYPE",
        "SOURCE_TYPE",
        "HOME",
    ],
)
def test_other_variables_are_left_alone(name: str) -> None:
    assert advice(**{name: "1"}) == []


def test_a_password_in_a_name_is_masked() -> None:
    (line,) = advice(**{"ANONCAM_SOURCE_rtsp://user:hunter2@camera": ""})
    assert "hunter2" not in line
