import json
from pathlib import Path

from tools.demo.daemon_status import read_status, summary

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


def test_the_summary_has_every_counter_of_the_daemon() -> None:
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


def test_the_summary_of_a_run_without_a_detector_reports_that() -> None:
    assert "none started" in summary({**REPORT, "detector": None})


def test_the_summary_of_a_run_that_captured_nothing_reports_that(tmp_path: Path) -> None:
    assert summary(read_status(tmp_path)) == "no frame was captured"


def test_the_status_is_read_from_the_state_folder(tmp_path: Path) -> None:
    (tmp_path / "status.json").write_text(json.dumps(REPORT))
    assert read_status(tmp_path) == REPORT
