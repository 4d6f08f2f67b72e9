"""The loop of the detector service: one picture after the other, the cameras by turns."""

import logging
import threading
from collections.abc import Callable
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from anoncam.clock import Stop
from anoncam.detectors.detector import DetectionResult, Detector, DetectorInfo
from anoncam.detectors.process.messages import Ready, Request
from anoncam.pipeline.detector_health import DetectorHealth
from anoncam.pipeline.inference import BACK_OFF
from anoncam.sharing.client import Client
from anoncam.sharing.clients import Clients

_WAIT = 0.5
"""Seconds that the loop waits for anything: it shows as often that it lives."""


class InputDetector(Detector, Protocol):
    """A detector that takes pictures of the size of its input as they are."""

    def submit_input(self, picture: NDArray[np.uint8], timestamp: int, floor: float) -> None:
        """Take in a picture; what scores less than `floor` is left out of its result.

        Raises:
            DetectorError: the detector is gone.
        """
        ...


class DetectorServer:
    """Serves `clients` with the detector that `make` starts, and starts it again when it fails.

    Whenever another detector begins, all connections end: the cameras connect anew and are told
    which one it is. `alive` is called in each round of the loop.
    """

    def __init__(
        self,
        clients: Clients,
        make: Callable[[], InputDetector],
        stop: Stop,
        alive: Callable[[], None] = lambda: None,
    ) -> None:
        self._clients = clients
        self._make = make
        self._stop = stop
        self._alive = alive
        self._health = DetectorHealth()
        self._failures = 0
        self._lock = threading.Lock()
        self._replacement: InputDetector | None = None
        self._detector: InputDetector | None = None

    @property
    def info(self) -> DetectorInfo | None:
        """Which detector runs, or ran last; None before the first one is up."""
        return self._health.info

    def replace(self, ready: InputDetector) -> None:
        """Use another detector from now on, which is up already."""
        with self._lock:
            superseded, self._replacement = self._replacement, ready
        if superseded is not None:
            superseded.close()

    def run(self) -> None:
        """Serve until the stop; the thread must live on, as a detector ends with its thread."""
        try:
            while not self._stop.requested:
                self._alive()
                try:
                    self._serve(self._begin())
                except Exception as error:  # whatever it is, it is tried again
                    self._fail(error)
        finally:
            self._clients.close()
            self._discard()
            if self._replacement is not None:
                self._replacement.close()

    def _begin(self) -> InputDetector:
        """Make a new start: with the replacement, or with a detector that is started now."""
        self._clients.drop_all()
        self._discard()
        with self._lock:
            self._detector, self._replacement = self._replacement, None
        self._detector = self._detector or self._make()
        self._health.started(self._detector.info)
        self._clients.greet_with(Ready.of(self._detector.info))
        return self._detector

    def _serve(self, detector: InputDetector) -> None:
        while not self._stop.requested and self._replacement is None:
            self._alive()
            self._clients.hear(_WAIT)
            turn = self._clients.next()
            if turn is not None:
                self._infer(detector, *turn)

    def _infer(self, detector: InputDetector, client: Client, request: Request) -> None:
        detector.submit_input(client.picture(request), request.ticket, request.floor)
        result: DetectionResult | None = None
        while result is None:
            self._alive()
            result = detector.collect(_WAIT)
        self._clients.reply(client, request, result)
        self._failures = 0
        self._health.succeeded(result.latency, is_late=False)

    def _fail(self, error: Exception) -> None:
        self._health.failed(error)
        self._clients.drop_all()
        self._discard()
        self._clients.refuse(error)
        self._stop.wait(BACK_OFF[min(self._failures, len(BACK_OFF) - 1)])
        self._failures += 1

    def _discard(self) -> None:
        detector, self._detector = self._detector, None
        if detector is None:
            return
        try:
            detector.close()
        except Exception:
            logging.getLogger(__name__).exception("the detector could not be ended")
