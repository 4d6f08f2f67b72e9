"""Debian's Prometheus: it scrapes the metrics, and knows the alerts and the dashboard."""

import json
import shutil
import socket
import subprocess
import sys
import threading
import urllib.parse
import urllib.request
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any

import pytest

from tests.support.checkout import ROOT
from tests.support.fake_feed import FakeFeed

PROMTOOL, PROMETHEUS = shutil.which("promtool"), shutil.which("prometheus")
RULES = ROOT / "deploy/prometheus"
DASHBOARD = ROOT / "deploy/grafana/anoncam.json"

pytestmark = [
    pytest.mark.integration,
    pytest.mark.skipif(
        PROMTOOL is None or PROMETHEUS is None,
        reason="Prometheus is not installed: apt install prometheus",
    ),
]

CONFIG = """
global: {{scrape_interval: 1s, evaluation_interval: 1s}}
rule_files: [{rules}]
scrape_configs:
  - job_name: anoncam
    static_configs: [{{targets: ["127.0.0.1:{metrics}"]}}]
"""


def free_port() -> int:
    with closing(socket.create_server(("127.0.0.1", 0))) as free:
        port: int = free.getsockname()[1]
        return port


class Server:
    """A Prometheus that scrapes the metrics of a feed."""

    def __init__(self, port: int) -> None:
        self._port = port

    def query(self, expression: str) -> list[dict[str, Any]]:
        """What an expression gives now; it must be one."""
        query = urllib.parse.urlencode({"query": expression})
        url = f"http://127.0.0.1:{self._port}/api/v1/query?{query}"
        with urllib.request.urlopen(url) as answer:
            result: list[dict[str, Any]] = json.load(answer)["data"]["result"]
            return result

    def wait_for(self, expression: str) -> dict[str, Any]:
        """Wait until an expression gives something; the first of it."""
        pause = threading.Event()
        for _ in range(300):
            try:
                found = self.query(expression)
            except OSError:
                found = []
            if found:
                return found[0]
            pause.wait(0.2)
        raise AssertionError(f"{expression} gave nothing")


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    metrics, port = free_port(), free_port()
    config = tmp_path / "prometheus.yml"
    config.write_text(CONFIG.format(rules=RULES / "anoncam.rules.yml", metrics=metrics))
    with FakeFeed(tmp_path) as feed:
        feed.tell_status()
        scraped = [sys.executable, "-m", "anoncam", "metrics", "--port", str(metrics)]
        scraper = [str(PROMETHEUS), f"--config.file={config}", f"--storage.tsdb.path={tmp_path}/db"]
        commands = (
            [*scraped, "--runtime-folder", str(tmp_path)],
            [*scraper, f"--web.listen-address=127.0.0.1:{port}"],
        )
        running = [subprocess.Popen(each, stderr=subprocess.DEVNULL) for each in commands]
        try:
            yield Server(port)
        finally:
            for each in running:
                each.kill()
                each.wait()


def test_prometheus_scrapes_the_metrics_and_takes_rules_and_dashboard(server: Server) -> None:
    found = server.wait_for('anoncam_frames_total{outcome="veiled"}')
    assert found["value"][1] == "2"
    assert server.query("up{job='anoncam'}")[0]["value"][1] == "1"
    panels = json.loads(DASHBOARD.read_text())["panels"]
    for panel in panels:
        for target in panel["targets"]:
            server.query(target["expr"].replace("$instance", ".*"))


@pytest.mark.parametrize(
    "arguments",
    [("check", "rules", "anoncam.rules.yml"), ("test", "rules", "anoncam.rules.test.yml")],
)
def test_promtool_finds_nothing_wrong_with_the_alerts(arguments: tuple[str, ...]) -> None:
    ended = subprocess.run(
        [str(PROMTOOL), *arguments], cwd=RULES, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
