import json
from pathlib import Path

import pytest
import yaml

from anoncam.config.schema import Config
from anoncam.errors import InputError
from tools.demo.__main__ import demonstrate, read_status, summary, write_config

REPORT = {
    "counts": {
        "captured": 600,
        "dropped": 2,
        "inferred": 300,
        "recorded": 598,
        "veiled": 7,
        "faces_covered": 512,
    },
    "detector": {
        "model": "/m/anoncam-face-640x384.tflite",
        "device": "cpu",
        "runtime": "r 1",
        "latency_ms": 21.5,
    },
    "recording": {"folder": "/r", "fps": 29.9},
}


def test_the_demos_config_is_valid_and_plays_the_source_once(tmp_path: Path) -> None:
    path = write_config(tmp_path / "config.yaml", tmp_path / "a: b.mp4", tmp_path / "recordings")
    config = Config.model_validate(yaml.safe_load(path.read_text()))
    assert (config.source.type, config.source.loop) == ("file", False)
    assert config.source.address == str(tmp_path / "a: b.mp4")
    assert config.recording.folder == tmp_path / "recordings"


def test_the_summary_tells_all_that_the_daemon_counts() -> None:
    text = summary(REPORT)
    for part in (
        "598 recorded of 600",
        "512",
        "7 frames",
        "2 frames",
        "29.9",
        "640x384.tflite on cpu",
        "21.5 ms",
    ):
        assert part in text


def test_the_summary_of_a_run_without_a_detector_says_so() -> None:
    assert "none came up" in summary({**REPORT, "detector": None})


def test_the_summary_of_a_run_that_captured_nothing_says_so(tmp_path: Path) -> None:
    assert summary(read_status(tmp_path)) == "no frame was captured"


def test_the_status_is_read_from_the_state_folder(tmp_path: Path) -> None:
    (tmp_path / "status.json").write_text(json.dumps(REPORT))
    assert read_status(tmp_path) == REPORT


def test_a_source_that_is_not_there_is_an_error_and_deletes_nothing(tmp_path: Path) -> None:
    kept = tmp_path / "kept"
    kept.touch()
    with pytest.raises(InputError, match=r"missing\.mp4"):
        demonstrate(Path("missing.mp4"), tmp_path)
    assert kept.exists()


def test_a_source_in_the_folder_that_is_emptied_is_refused(tmp_path: Path) -> None:
    source = tmp_path / "recordings" / "mine.mp4"
    source.parent.mkdir()
    source.touch()
    with pytest.raises(InputError, match="every run empties"):
        demonstrate(source, tmp_path)
    assert source.exists()
