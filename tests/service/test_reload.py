"""The real daemon after edits of its configuration: good, bad and unworkable ones."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from tests.support.daemons import SYNTHETIC, Start, record_more, recorded, stop_well
from tests.support.detector_faults import Faults
from tests.support.running import anoncam
from tests.support.watching import luma

pytestmark = pytest.mark.integration


def waiting_for(node: str) -> Callable[[dict[str, Any]], bool]:
    return lambda status: (
        "waiting for a camera since" in status["doing"] and node in status["doing"]
    )


def test_a_good_edit_takes_effect_without_losing_a_frame(
    daemon: Start,
) -> None:
    running = daemon()
    running.wait_until(recorded(10))
    running.reload(
        SYNTHETIC + "anonymizer: {fill: solid}\ncoverage: {persistence: 2, keep_threshold: 0.05}\n"
    )

    text = running.wait_for("config-reloaded")
    assert "coverage.keep_threshold, coverage.persistence, anonymizer.fill" in text
    assert "no frame is lost" in text
    running.wait_until(recorded(60))
    assert running.stop() == 0
    counts = running.status()["counts"]
    assert counts["captured"] == counts["recorded"]
    assert counts["dropped"] == counts["veiled"] == 0
    assert len(running.recordings()) == 1


def test_settings_of_recording_and_coverage_take_effect_without_losing_a_frame(
    daemon: Start,
) -> None:
    running = daemon()
    running.wait_until(recorded(5))
    running.reload(
        SYNTHETIC + "recording: {segment_length: 1, retention: {max_size: 1GB, min_free: 1MB}}\n"
        "detector: {rate: 15, max_gap: 0.4}\ncoverage: {start_threshold: 0.5}\n"
    )
    assert "no frame is lost" in running.wait_for("config-reloaded")
    running.wait_for("segment-finished", 2)
    stop_well(running)
    counts = running.status()["counts"]
    assert (
        counts["captured"]
        == counts["recorded"]
        == sum(len(luma(path)) for path in running.recordings())
    )
    assert counts["dropped"] == counts["veiled"] == 0


def test_a_bad_edit_is_rejected_with_every_problem_and_the_old_configuration_stays(
    daemon: Start,
) -> None:
    running = daemon()
    running.wait_until(recorded(5))
    running.reload(SYNTHETIC + "detector: {rate: 900}\nrecordings: {}\n")

    running.wait_for("config-rejected")
    checked = anoncam("check-config", running.config)
    status = running.wait_until(lambda status: bool(status["config"]["problems"]))
    assert status["config"]["problems"] == checked.stderr.splitlines()
    assert len(checked.stderr.splitlines()) == 2
    running.wait_until(lambda later: later["counts"]["recorded"] > status["counts"]["recorded"])
    assert running.stop() == 0
    assert "Traceback" not in "\n".join(running.lines)


def test_an_edit_to_a_missing_model_is_rejected_and_the_old_one_goes_on(
    daemon: Start,
) -> None:
    running = daemon()
    running.wait_until(recorded(5))
    last_good = (running.state / "last-good-config.json").read_text()
    running.reload(SYNTHETIC + "detector: {model: /none/such.tflite}\n")
    running.wait_for("config-rejected")
    (problem,) = running.wait_until(lambda status: bool(status["config"]["problems"]))["config"][
        "problems"
    ]
    assert "/none/such.tflite" in problem
    assert f"    {problem}" in running.lines
    running.wait_until(recorded(running.status()["counts"]["recorded"] + 45))
    stop_well(running)
    assert running.status()["counts"]["veiled"] == 0
    assert not running.of("detector-dead")
    assert (running.state / "last-good-config.json").read_text() == last_good


def test_an_edit_of_the_source_sets_it_up_anew_and_reports_that(
    daemon: Start,
) -> None:
    running = daemon()
    running.wait_until(recorded(5))
    running.reload(SYNTHETIC.replace("320", "400"))

    assert "source.width; the source is set up anew" in running.wait_for("config-reloaded")
    assert "400x240" in running.wait_for("source-chosen", 2)
    before = running.status()["counts"]["recorded"]
    running.wait_until(lambda status: status["counts"]["recorded"] > before + 20)
    running.stop()
    assert [luma(segment)[0].shape for segment in running.recordings()] == [(240, 320), (240, 400)]


def test_an_edit_to_a_missing_camera_is_reported_and_an_edit_back_heals_it(
    daemon: Start,
) -> None:
    running = daemon()
    running.wait_until(recorded(5))
    for number, node in enumerate(("/dev/video-front", "/dev/video-back"), 1):
        running.reload(f"source: {{type: v4l2, address: {node}}}\n")
        assert node in running.wait_for("camera-waiting", number)
        running.wait_until(waiting_for(node))
    running.reload(SYNTHETIC)
    running.wait_for("source-chosen", 2)
    before = running.status()["counts"]["recorded"]
    assert running.wait_until(recorded(before + 10))["doing"] == "recording"
    stop_well(running)
    assert len(running.of("camera-waiting")) == 2


@pytest.mark.parametrize("device", ["auto", "cpu"])
def test_another_model_takes_over_without_a_veiled_frame(daemon: Start, device: str) -> None:
    running = daemon(f"{SYNTHETIC}detector: {{device: {device}}}\n")
    running.wait_until(recorded(5))
    running.reload(f"{SYNTHETIC}detector: {{device: {device}, model: anoncam-face-320x320}}\n")
    running.wait_for("detector-up", 2)
    running.wait_until(lambda status: status["detector"]["model"].endswith("320x320"))
    record_more(running, 20)
    stop_well(running)
    assert running.status()["counts"]["veiled"] == 0


def test_an_edit_whose_detector_never_starts_neither_stops_the_recording_nor_delays_the_stop(
    daemon: Start, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    faults = Faults(tmp_path / "faults.json", monkeypatch)
    settings = SYNTHETIC + "detector: {runtime: tflite-runtime, device: cpu}\n"
    running = daemon(settings)
    running.wait_until(recorded(5))
    (before,) = running.children()
    faults.set(load="stop")
    running.reload(settings + "coverage: {keep_threshold: 0.1}\n")
    running.wait_until(lambda _: len(running.children()) == 2)
    running.wait_until(recorded(running.status()["counts"]["recorded"] + 60))
    assert before in running.children()
    stop_well(running)
    assert running.status()["counts"]["veiled"] == 0
