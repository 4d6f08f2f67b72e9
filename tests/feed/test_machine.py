from pathlib import Path

from anoncam.feed.machine import temperature


def test_the_temperature_is_that_of_the_hottest_zone(tmp_path: Path) -> None:
    for number, text in enumerate(["48312\n", "61000\n", "broken"]):
        zone = tmp_path / f"thermal_zone{number}"
        zone.mkdir()
        (zone / "temp").write_text(text)
    assert temperature(tmp_path) == 61.0


def test_a_machine_without_a_sensor_has_no_temperature(tmp_path: Path) -> None:
    assert temperature(tmp_path) is None
