from pathlib import Path

import pytest

from anoncam.mqtt.values import STOPPED, event_of, read_temperature, values_of
from tests.support.fake_feed import STATUS


def test_a_daemon_that_records_is_told_as_it_is() -> None:
    assert values_of(STATUS, 48.0) == {
        "recording": "ON",
        "paused": "OFF",
        "veiled": "OFF",
        "faces": 1,
        "disk_free": 10.0,
        "temperature": 48.0,
    }


@pytest.mark.parametrize(
    "changes",
    [
        {"state": "waiting-for-camera"},
        {"state": "retrying"},
        {"recording": {"state": "failed", "free_bytes": 0}},
    ],
)
def test_without_a_camera_or_a_disk_it_does_not_record(changes: dict[str, object]) -> None:
    assert values_of({**STATUS, **changes}, None)["recording"] == "OFF"


def test_a_veil_is_told_while_it_records() -> None:
    counts = {**STATUS["counts"], "veil": "the detector is late"}
    assert values_of({**STATUS, "counts": counts}, None)["veiled"] == "ON"
    waiting = {**STATUS, "counts": counts, "state": "waiting-for-camera"}
    assert values_of(waiting, None)["veiled"] == "OFF"


def test_a_status_from_before_the_first_session_has_values_too() -> None:
    early = {**STATUS, "state": "starting", "recording": None, "detector": None}
    assert values_of(early, None) == STOPPED


def test_of_an_event_its_name_time_and_sentence_are_told() -> None:
    entry = {"event": "started", "at": "2026-01-01T00:00:00Z", "level": "info", "message": "up"}
    assert event_of({**entry, "boot": "secret"}) == entry


@pytest.mark.parametrize(("content", "degrees"), [("48312\n", 48), ("", None), ("hot", None)])
def test_the_temperature_is_in_degrees_or_unknown(
    tmp_path: Path, content: str, degrees: float | None
) -> None:
    (tmp_path / "temp").write_text(content)
    assert read_temperature(tmp_path / "temp") == degrees
    assert read_temperature(tmp_path / "missing") is None


def test_a_paused_recording_is_paused_and_does_not_record() -> None:
    told = values_of({**STATUS, "recording": {"state": "paused", "free_bytes": 1}}, None)
    assert (told["recording"], told["paused"]) == ("OFF", "ON")
