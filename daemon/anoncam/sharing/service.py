"""The detector service: starts the detector and serves the cameras, as systemd expects it."""

import threading
import time
from collections.abc import Callable, Mapping

from anoncam.clock import Stop
from anoncam.config.schema import DetectorSettings
from anoncam.detectors.coral_fallback import CoralFallback
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.service.notify import notify
from anoncam.sharing.clients import Clients
from anoncam.sharing.detector_server import DetectorServer

_NOTICE = 1.0
"""Seconds between two notices to systemd."""

_ANY_FLOOR = 0.5
"""Each request has a floor of its own."""


def serve(
    clients: Clients, settings: DetectorSettings, environment: Mapping[str, str], stop: Stop
) -> None:
    """Serve `clients` with one detector, until the stop."""
    fallback = CoralFallback(settings, _ANY_FLOOR, DetectorProcess)
    server = DetectorServer(clients, fallback, stop, _notices(clients, environment))
    threading.Thread(
        target=return_to_the_coral, args=(server, fallback, stop), name="coral", daemon=True
    ).start()
    notify(environment, READY=1)
    server.run()


def return_to_the_coral(
    server: DetectorServer, fallback: CoralFallback[DetectorProcess], stop: Stop
) -> None:
    """Try the Coral again and again while the processor stands in for it, until the stop."""
    while not stop.wait(fallback.pause):
        info = server.info
        if info is not None and info.coral_problem:
            detector = fallback.try_the_coral()
            if detector is not None:
                server.replace(detector)


def _notices(clients: Clients, environment: Mapping[str, str]) -> Callable[[], None]:
    last = -_NOTICE

    def alive() -> None:
        nonlocal last
        if time.monotonic() - last >= _NOTICE:
            last = time.monotonic()
            notify(environment, WATCHDOG=1, STATUS=f"connections: {len(clients)}")

    return alive
