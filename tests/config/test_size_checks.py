from pathlib import Path

import pytest

from anoncam.config.last_good import recall, remember
from anoncam.config.load import load
from anoncam.config.problems import InvalidConfigError
from anoncam.config.schema import Config


def problems(file: Path, text: str, **environment: str) -> list[str]:
    file.write_text(text)
    with pytest.raises(InvalidConfigError) as caught:
        load(file, environment)
    return [str(problem).replace(f"{file}:", "") for problem in caught.value.problems]


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "config.yaml"


@pytest.mark.parametrize(
    ("number", "suggestion"),
    [
        ("50", "50GB"),
        ("1", "1GB"),
        ("500000000", "500MB"),
        ("64000000000", "64GB"),
        ("1500000000", "1.5GB"),
    ],
)
@pytest.mark.parametrize("key", ["max_size", "min_free"])
def test_a_size_without_a_unit_is_refused_with_a_suggestion(
    file: Path, key: str, number: str, suggestion: str
) -> None:
    (problem,) = problems(file, f"recording:\n  retention:\n    {key}: {number}\n")
    assert problem == (
        f"3: recording.retention.{key}: is {number} without a unit, must have one, "
        f"such as {suggestion}"
    )


@pytest.mark.parametrize("value", ["'50'", "0.5", "5e1", "50 parrots", "0,5GB", "50 Gbit", "-1 GB"])
def test_what_is_no_size_is_refused_too(file: Path, value: str) -> None:
    (problem,) = problems(file, f"recording: {{retention: {{min_free: '{value.strip(chr(39))}'}}}}")
    assert "must be a size from 0 (such as 500MB or 64GB)" in problem


def test_a_variable_without_a_unit_is_refused_by_its_name(file: Path) -> None:
    variable = "ANONCAM__RECORDING__RETENTION__MAX_SIZE"
    (problem,) = problems(file, "", **{variable: "50"})
    assert problem.startswith(f"environment: {variable}: recording.retention.max_size: is 50 with")


def test_it_is_refused_beside_other_problems(file: Path) -> None:
    lines = problems(file, "source: {fps: -1}\nrecording: {retention: {max_size: 50}}\n")
    assert [line.split(":")[1].strip() for line in lines] == [
        "source.fps",
        "recording.retention.max_size",
    ]


@pytest.mark.parametrize("text", ["0", "0B", "0 GB"])
def test_no_free_space_needs_no_unit(file: Path, text: str) -> None:
    file.write_text(f"recording: {{retention: {{min_free: {text}}}}}")
    assert load(file, {}).recording.retention.min_free == 0


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("50 G", 50 * 10**9),
        ("50gb", 50 * 10**9),
        ("50 Gb", 50 * 10**9),
        ("50  GB", 50 * 10**9),
        ("50 GiB", 50 * 2**30),
        ("50gi", 50 * 2**30),
        ("1.5tib", 3 * 2**39),
        ("700000 KB", 7 * 10**8),
        ("700000k", 7 * 10**8),
        ("200000000 B", 2 * 10**8),
        ("200000000b", 2 * 10**8),
    ],
)
@pytest.mark.parametrize("key", ["max_size", "min_free"])
def test_units_are_read_as_people_write_them(
    file: Path, key: str, text: str, expected: int
) -> None:
    file.write_text(f"recording: {{retention: {{{key}: {text}}}}}")
    assert getattr(load(file, {}).recording.retention, key) == expected


@pytest.mark.parametrize("size", ["50 B", "50kB", "50 MB", "149.9MB"])
def test_recordings_without_room_for_one_segment_are_refused(file: Path, size: str) -> None:
    (problem,) = problems(file, f"recording:\n  retention:\n    max_size: {size}\n")
    assert problem == (
        f"3: recording.retention.max_size: is {size}, must be at least 150MB: one segment is up to "
        "300 s of 4000 kilobits per second (or lower recording.segment_length)"
    )


def test_the_room_for_one_segment_follows_from_its_length_and_the_bitrate(file: Path) -> None:
    size = "retention: {max_size: 13kB}"
    file.write_text(f"recording: {{segment_length: 1, bitrate: 100, {size}}}")
    load(file, {})
    (problem,) = problems(file, f"recording: {{segment_length: 2, bitrate: 100, {size}}}")
    assert "must be at least 0.1MB" in problem


def test_a_last_good_configuration_that_breaks_these_rules_stays_usable(tmp_path: Path) -> None:
    config = Config.model_validate({"recording": {"retention": {"max_size": 50, "min_free": 50}}})
    remember(config, tmp_path)
    assert recall(tmp_path) == config
