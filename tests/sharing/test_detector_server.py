"""The loop of the detector service, with simulated detectors."""

import contextlib
import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from anoncam.clock import Stop
from anoncam.detectors.process.messages import Ready
from anoncam.detectors.simulated import INFO
from anoncam.errors import DetectorError, ModelError
from anoncam.sharing.clients import Clients
from anoncam.sharing.detector_server import DetectorServer
from tests.support.sharing import InputDetector, RawCamera, listen


class Bench:
    """A server in a thread, and all the detectors that it has started."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.stop = Stop()
        self.detectors: list[InputDetector] = []
        self.error: DetectorError | None = None
        self.server = DetectorServer(Clients(listen(path)), self._make, self.stop)
        self._thread = threading.Thread(target=self.server.run)
        self._cameras: list[RawCamera] = []

    def _make(self) -> InputDetector:
        if self.error is not None:
            raise self.error
        self.detectors.append(InputDetector(replace(INFO, model=f"{len(self.detectors)}")))
        return self.detectors[-1]

    def start(self) -> None:
        """Begin to serve."""
        self._thread.start()

    def camera(self, fill: int = 0) -> RawCamera:
        """A camera that was told what is ready, and has sent its memory."""
        camera = RawCamera(self.path)
        self._cameras.append(camera)
        assert camera.ready().error == ""
        camera.share(fill=fill)
        return camera

    def first_that_answers(self, accepts: Callable[[Ready], bool]) -> RawCamera:
        """Connect as a daemon does until it is told what it waits for."""
        while True:
            camera = RawCamera(self.path)
            self._cameras.append(camera)
            # It may be dropped before it is told anything.
            with contextlib.suppress(DetectorError):
                if accepts(camera.ready()):
                    return camera
            camera.close()

    def close(self) -> None:
        """End the server and all cameras."""
        for camera in self._cameras:
            camera.close()
        self.stop.request()
        self._thread.join(30)
        assert not self._thread.is_alive()


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "socket")
    yield made
    made.close()


def test_two_cameras_that_ask_without_a_break_get_turn_about(bench: Bench) -> None:
    bench.start()
    cameras = [bench.camera(fill) for fill in (1, 2)]
    for camera in cameras:
        camera.ask(0)
        camera.ask(1)
    for ticket in range(2, 50):
        for camera in cameras:
            assert camera.reply().ticket == ticket - 2
            camera.ask(ticket)

    seen = bench.detectors[0].seen[4:]

    assert abs(seen.count(1) - seen.count(2)) <= 2
    # Of two requests that wait, one may be seen a turn before the other, and its next one with it.
    assert all(len(set(seen[at : at + 4])) == 2 for at in range(len(seen) - 3))


def test_after_a_failure_of_the_detector_all_connect_anew_and_are_told_of_the_next(
    bench: Bench,
) -> None:
    bench.start()
    cameras = [bench.camera(), bench.camera()]
    bench.detectors[0].fails = True
    cameras[0].ask(1)

    for camera in cameras:
        with pytest.raises(DetectorError):
            camera.reply()
    again = bench.first_that_answers(lambda ready: ready.model == "1")

    assert bench.detectors[0].closed
    again.share()
    again.ask(1)
    assert again.reply().ticket == 1


def test_who_connects_while_there_is_no_detector_is_told_why(bench: Bench) -> None:
    bench.error = ModelError("there is no such model")
    bench.start()
    bench.first_that_answers(lambda ready: bool(ready.error))
    bench.error = None

    bench.first_that_answers(lambda ready: not ready.error)

    assert len(bench.detectors) == 1


def test_a_detector_that_takes_over_is_told_to_all(bench: Bench) -> None:
    bench.start()
    camera = bench.camera()
    bench.server.replace(InputDetector(replace(INFO, model="the Coral's")))

    with pytest.raises(DetectorError):
        camera.reply()
    bench.first_that_answers(lambda ready: ready.model == "the Coral's")

    assert bench.detectors[0].closed


def test_a_detector_that_comes_too_late_to_take_over_is_ended(tmp_path: Path) -> None:
    stop = Stop()
    stop.request()
    server = DetectorServer(Clients(listen(tmp_path / "socket")), InputDetector, stop)
    late = InputDetector()
    server.replace(late)
    server.run()

    assert late.closed
