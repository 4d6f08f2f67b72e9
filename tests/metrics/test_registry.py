import re

from prometheus_client import generate_latest
from prometheus_client.registry import CollectorRegistry

from anoncam.metrics.registry import DaemonCollector
from tests.support.checkout import ROOT
from tests.support.fake_feed import STATUS


def exposed(collector: DaemonCollector) -> dict[str, float]:
    registry = CollectorRegistry()
    registry.register(collector)
    lines = generate_latest(registry).decode().splitlines()
    pairs = (line.rpartition(" ") for line in lines if not line.startswith("#"))
    return {name: float(value) for name, _, value in pairs}


def whole() -> DaemonCollector:
    collector = DaemonCollector()
    collector.status = STATUS
    collector.temperature, collector.chain_broken, collector.clock_synchronized = 51.5, False, True
    collector.latency.add(10, 0.02)
    return collector


def test_the_metrics_are_those_of_the_status() -> None:
    found = exposed(whole())
    assert found["anoncam_up"] == found["anoncam_recording"] == 1
    assert found['anoncam_frames_total{outcome="clear"}'] == 88
    assert found['anoncam_frames_total{outcome="veiled"}'] == 2
    assert found["anoncam_recorded_bytes_total"] == 5000
    assert found["anoncam_temperature_celsius"] == 51.5
    assert found['anoncam_build_info{version="1"}'] == 1


def test_without_a_daemon_only_that_is_told() -> None:
    assert exposed(DaemonCollector()) == {"anoncam_up": 0}


def test_a_failing_disk_is_no_recording() -> None:
    collector = DaemonCollector()
    collector.status = {**STATUS, "recording": {"state": "failing"}}
    assert exposed(collector)["anoncam_recording"] == 0


def test_every_metric_is_explained_and_no_other_one() -> None:
    families = {metric.name for metric in whole().collect()}
    page = (ROOT / "docs/metrics.md").read_text()
    named = {
        name.removesuffix("_total")
        for name in re.findall(r"^\| `(anoncam_\w+)", page, re.MULTILINE)
    }
    assert named == families
