from pathlib import Path

import pytest

from anoncam.config.advice import advise
from anoncam.config.load import load


def advice(file: Path, text: str) -> list[str]:
    file.write_text(text)
    return list(map(str, advise(load(file, {}), file, {})))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "garden.yaml"


@pytest.mark.parametrize(
    "text",
    [
        "",
        "detector: {rate: 2}",
        "detector: {rate: 0, max_gap: 0.04}\nsource: {fps: 30}",
        "coverage: {look_ahead: 0.1}",
    ],
)
def test_settings_that_leave_frames_clear_are_left_without_advice(file: Path, text: str) -> None:
    assert advice(file, text) == []


def test_a_rate_too_low_for_max_gap_and_look_ahead_is_named_twice_with_its_line(
    file: Path,
) -> None:
    max_gap, look_ahead = advice(file, "detector:\n  threads: 1\n  rate: 1\n")
    assert max_gap.startswith(
        f"{file}:3: detector.rate: most frames of a camera will be veiled, since detector.max_gap"
    )
    assert "since coverage.look_ahead is 0.5 seconds, and with this detector.rate" in look_ahead
    assert look_ahead.endswith("are 1 s apart")


def test_advice_against_no_look_ahead_names_the_line_of_look_ahead(file: Path) -> None:
    (only,) = advice(file, "detector: {rate: 0}\ncoverage:\n  look_ahead: 0\n")
    assert only.startswith(f"{file}:3: coverage.look_ahead: most frames")
    assert "with this source.fps results of the detector are 0.033 s apart" in only
