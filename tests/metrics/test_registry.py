import re

from prometheus_client import generate_latest
from prometheus_client.registry import CollectorRegistry

from anoncam.metrics.registry import Camera, DeviceCollector
from tests.support.checkout import ROOT
from tests.support.fake_feed import STATUS


def exposed(collector: DeviceCollector) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(collector)
    lines = generate_latest(registry).decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def whole(*names: str) -> DeviceCollector:
    collector = DeviceCollector()
    collector.temperature, collector.clock_synchronized = 51.5, True
    for name in names or ("",):
        camera = collector.cameras[name] = Camera(STATUS, expected=True, chain_broken=False)
        camera.latency.add(10, 0.02)
    return collector


def test_the_metrics_are_those_of_the_status() -> None:
    found = exposed(whole())
    assert found['anoncam_up{camera=""}'] == found['anoncam_recording{camera=""}'] == 1
    assert found['anoncam_frames_total{camera="",outcome="clear"}'] == 88
    assert found['anoncam_frames_total{camera="",outcome="veiled"}'] == 2
    assert found['anoncam_recorded_bytes_total{camera=""}'] == 5000
    assert found["anoncam_temperature_celsius"] == 51.5
    assert found['anoncam_upload_waiting_segments{camera=""}'] == 2
    assert found['anoncam_upload_waiting_bytes{camera=""}'] == 700
    assert found['anoncam_upload_failing{camera=""}'] == 0
    assert found['anoncam_build_info{camera="",version="1"}'] == 1


def test_each_camera_has_its_own_and_the_machine_has_one() -> None:
    collector = whole("door", "gate")
    collector.cameras["gate"].status = None
    found = exposed(collector)
    assert (found['anoncam_up{camera="door"}'], found['anoncam_up{camera="gate"}']) == (1, 0)
    assert 'anoncam_recording{camera="gate"}' not in found
    assert len([name for name in found if name.startswith("anoncam_temperature")]) == 1


def test_a_camera_that_never_was_there_is_told_only_if_there_is_no_other() -> None:
    collector = DeviceCollector()
    collector.cameras[""] = Camera()
    assert exposed(collector) == {'anoncam_up{camera=""}': 0}
    collector.cameras["door"] = Camera(STATUS, expected=True)
    assert 'anoncam_up{camera=""}' not in exposed(collector)


def test_a_failing_disk_is_no_recording() -> None:
    collector = DeviceCollector()
    collector.cameras[""] = Camera({**STATUS, "recording": {"state": "failing"}}, expected=True)
    assert exposed(collector)['anoncam_recording{camera=""}'] == 0


def test_every_metric_is_explained_and_no_other_one() -> None:
    families = {metric.name for metric in whole().collect()}
    page = (ROOT / "docs/metrics.md").read_text()
    named = {
        name.removesuffix("_total")
        for name in re.findall(r"^\| `(anoncam_\w+)", page, re.MULTILINE)
    }
    assert named == families
