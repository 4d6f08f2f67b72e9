"""`anoncam bench` prints what an owner of a machine can post."""

import json
from pathlib import Path

import pytest

from tests.archive.conftest import write_clip
from tests.support.running import anoncam

pytestmark = pytest.mark.integration


def test_it_compares_a_clip_with_the_floor(tmp_path: Path) -> None:
    clip = write_clip(tmp_path / "secret-place.mp4", 1)
    ended = anoncam("bench", clip, "--rounds", "1", "--json")
    assert ended.returncode == 0, ended.stderr
    result = json.loads(ended.stdout)
    assert result["rounds"] == 1
    assert 0 < result["floor_cpu"] < result["anonymize_cpu"]
    assert result["cpu_ratio"] == pytest.approx(
        result["anonymize_cpu"] / result["floor_cpu"], rel=0.05
    )
    assert str(tmp_path) not in ended.stdout


def test_a_clip_that_cannot_be_read_is_told_in_one_line(tmp_path: Path) -> None:
    ended = anoncam("bench", tmp_path / "none.mp4")
    assert ended.returncode == 3
    assert "Traceback" not in ended.stderr
    assert "none.mp4" in ended.stderr.splitlines()[-1]
