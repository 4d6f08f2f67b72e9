"""Serves the metrics, and reads the feeds beside that."""

import logging
import threading
from pathlib import Path
from typing import Any

from prometheus_client import start_http_server
from prometheus_client.registry import CollectorRegistry

from anoncam.clock import NANOSECONDS, Clock, Stop, SystemClock, is_synchronized
from anoncam.errors import FeedError, NotRunningError, StorageError
from anoncam.evidence.chain import lines
from anoncam.evidence.chain_reader import read_chain
from anoncam.feed.cameras import LOOK, camera_name, enabled_cameras, find_cameras
from anoncam.feed.client import FeedReader
from anoncam.feed.machine import temperature
from anoncam.feed.protocol import Kind
from anoncam.metrics.registry import Camera, DeviceCollector

PORT = 9745
RETRY = 1.0

_CHAIN_INTERVAL = 3600 * NANOSECONDS
"""How often the chain is read: 64 MB at most."""


class FeedFollower:
    """Keeps the metrics of one camera up to date, until `stop`."""

    def __init__(self, folder: Path, collector: DeviceCollector, clock: Clock, stop: Stop) -> None:
        self._folder = folder
        self._collector = collector
        self._camera = collector.cameras[camera_name(folder)] = Camera()
        self._clock = clock
        self._stop = stop
        self._next_chain = 0

    def run(self) -> None:
        """Read the feed, again and again."""
        while not self._stop.requested:
            try:
                with FeedReader(self._folder, [Kind.STATUS]) as reader:
                    for message in reader:
                        if message.kind == Kind.STATUS:
                            self.take(message.facts["status"])
            except (NotRunningError, FeedError) as error:
                logging.getLogger(__name__).debug("%s", error)
            except Exception:
                # Without this thread, the last status would stand for ever.
                logging.getLogger(__name__).exception("a status is not understood")
            self._camera.status = None
            self._stop.wait(RETRY)

    def take(self, status: dict[str, Any]) -> None:
        """Take note of a status."""
        collector, camera = self._collector, self._camera
        detector = status.get("detector") or {}
        camera.latency.add(status["counts"]["inferred"], detector.get("latency_ms", 0) / 1000)
        collector.temperature = temperature()
        collector.clock_synchronized = is_synchronized()
        folder = (status.get("recording") or {}).get("folder")
        if folder and self._clock.monotonic() >= self._next_chain:
            self._next_chain = self._clock.monotonic() + _CHAIN_INTERVAL
            camera.chain_broken = _is_broken(Path(folder))
        camera.status, camera.expected = status, True


def serve(folder: Path, address: str, port: int, stop: Stop) -> None:
    """Serve the metrics of all cameras, until `stop`; `folder` is as for `find_cameras`.

    Raises:
        StorageError: the port is taken.
    """
    collector = DeviceCollector()
    registry = CollectorRegistry()
    registry.register(collector)
    try:
        start_http_server(port, address, registry)
    except OSError as error:
        raise StorageError(
            f"the metrics cannot listen on {address}, port {port}: {error.strerror}",
            "choose another by --port",
        ) from error
    _follow(folder, collector, stop)
    while not stop.requested:
        enabled = enabled_cameras(folder)
        for name, each in (find_cameras(folder) | enabled).items():
            if name not in collector.cameras:
                _follow(each, collector, stop)
        for name in enabled:
            collector.cameras[name].expected = True
        stop.wait(LOOK)


def _follow(folder: Path, collector: DeviceCollector, stop: Stop) -> None:
    follower = FeedFollower(folder, collector, SystemClock(), stop)
    threading.Thread(target=follower.run, name="feed", daemon=True).start()


def _is_broken(folder: Path) -> bool | None:
    """Whether the chain has signs of tampering; None if it cannot be read."""
    try:
        return bool(read_chain(lines(folder)).problems)
    except OSError:
        return None
