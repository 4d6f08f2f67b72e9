"""Clients of the detector service: each has its turn, and who breaks a rule goes alone."""

import fcntl
import logging
import os
import resource
import socket
from collections.abc import Iterator
from pathlib import Path

import pytest

from anoncam.detectors.detector import DetectionResult
from anoncam.detectors.process.messages import Memory, Ready
from anoncam.detectors.simulated import nothing
from anoncam.errors import DetectorError
from anoncam.sharing import clients
from anoncam.sharing.clients import MEMORY_TIMEOUT, MOST, MOST_PER_PROCESS, Clients
from tests.support.detector_processes import descriptors as open_descriptors
from tests.support.sharing import SIZE, RawCamera, listen

READY = Ready(*SIZE, "cpu", "it was asked for", "none", "simulated", "00")


class Bench:
    """Clients, the socket at which they connect, and a clock that stands."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.now = 0.0
        self.clients = Clients(listen(path), lambda: self.now)
        self.clients.greet_with(READY)
        self.cameras: list[RawCamera] = []

    def connect(self) -> RawCamera:
        """A camera that was told what is ready."""
        camera = RawCamera(self.path)
        self.cameras.append(camera)
        self.hear()
        return camera

    def camera(self, fill: int = 0) -> RawCamera:
        """A camera that has sent its memory."""
        camera = self.connect()
        assert camera.ready() == READY
        camera.share(fill=fill)
        self.hear()
        return camera

    def hear(self, rounds: int = 1) -> None:
        """Let the clients be heard so often."""
        for _ in range(rounds):
            self.clients.hear(0.0)

    def served(self) -> list[int]:
        """The tickets of all who wait, in the order of their turns; each gets a result."""
        tickets = []
        while (turn := self.clients.next()) is not None:
            client, request = turn
            self.clients.reply(client, request, DetectionResult(0, nothing(), True, 0.0))
            tickets.append(request.ticket)
            self.hear()
        return tickets


@pytest.fixture
def bench(tmp_path: Path) -> Iterator[Bench]:
    made = Bench(tmp_path / "socket")
    yield made
    made.clients.close()
    for camera in made.cameras:
        camera.close()


def test_a_camera_gets_its_own_replies_and_the_service_sees_its_pictures(bench: Bench) -> None:
    first, second = bench.camera(fill=11), bench.camera(fill=22)
    for camera, ticket in ((first, 1), (second, 2)):
        camera.ask(ticket, slot=1)
    bench.hear()

    pictures = []
    while (turn := bench.clients.next()) is not None:
        pictures.append((turn[1].ticket, int(turn[0].picture(turn[1]).max())))
        bench.clients.reply(*turn, DetectionResult(0, nothing(), True, 0.0))

    assert sorted(pictures) == [(1, 11), (2, 22)]
    assert (first.reply().ticket, second.reply().ticket) == (1, 2)
    assert not first.is_dropped()


def test_a_camera_that_asks_for_much_waits_for_the_others_between_its_pictures(
    bench: Bench,
) -> None:
    eager, calm = bench.camera(), bench.camera()
    eager.ask(1)
    eager.ask(2)
    bench.hear(2)
    calm.ask(100)
    bench.hear()

    assert bench.served() == [1, 100, 2]


def test_a_camera_that_floods_is_dropped_and_the_other_goes_on(bench: Bench) -> None:
    flood, calm = bench.camera(), bench.camera()
    for ticket in range(50):
        flood.ask(ticket)
    calm.ask(100)
    bench.hear(5)

    assert flood.is_dropped()
    assert bench.served() == [100]
    calm.ask(101)
    bench.hear()
    assert bench.served() == [101]


def test_a_camera_that_goes_away_with_a_picture_under_way_touches_no_other(bench: Bench) -> None:
    dying, calm = bench.camera(), bench.camera()
    dying.ask(1)
    bench.hear()
    calm.ask(100)
    bench.hear()
    turn = bench.clients.next()
    assert turn is not None
    dying.close()
    bench.clients.reply(*turn, DetectionResult(0, nothing(), True, 0.0))

    assert bench.served() == [100]
    assert calm.reply().ticket == 100
    assert len(bench.clients) == 1


def test_a_camera_that_takes_no_results_is_dropped_alone(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    deaf, calm = bench.camera(), bench.camera()
    rounds = 0
    with caplog.at_level(logging.WARNING):
        while not (caplog.records or rounds > 10_000):
            rounds += 1
            deaf.ask(1)
            bench.hear()
            bench.served()

    assert "takes no results" in caplog.text
    calm.ask(100)
    bench.hear()
    assert bench.served() == [100]


@pytest.mark.parametrize(
    "message",
    [b"hello", b"\0" * 15, b"\xff" * 16, b"\0" * 12 + b"\0\0\xc0\x7f", b"\0" * 17, b"\0" * 65000],
)
def test_a_camera_that_sends_garbage_is_dropped_alone(bench: Bench, message: bytes) -> None:
    garbled, calm = bench.camera(), bench.camera()
    garbled.channel.send(message)
    calm.ask(100)
    bench.hear(2)

    assert garbled.is_dropped()
    assert bench.served() == [100]


def test_a_request_for_a_picture_that_the_memory_has_no_room_for_is_garbage(bench: Bench) -> None:
    camera = bench.camera()
    camera.ask(1, slot=2)
    bench.hear()

    assert camera.is_dropped()


def _sealed(size: int, seals: int = 7) -> int:
    descriptor = os.memfd_create("forged", os.MFD_CLOEXEC | os.MFD_ALLOW_SEALING)
    os.ftruncate(descriptor, size)
    fcntl.fcntl(descriptor, 1033, seals)
    return descriptor


WIDTH, HEIGHT = SIZE
ROOM = 2 * WIDTH * HEIGHT * 3


@pytest.mark.parametrize(
    ("size", "seals", "slots"),
    [(ROOM, 0, 2), (ROOM, 5, 2), (ROOM, 3, 2), (ROOM - 1, 7, 2), (ROOM, 7, 1), (0, 7, 0)],
    ids=["unsealed", "can shrink", "can grow", "too small", "too large", "no pictures"],
)
def test_a_memory_that_is_not_of_one_size_for_good_is_refused(
    bench: Bench, size: int, seals: int, slots: int
) -> None:
    camera, calm = bench.connect(), bench.camera()
    descriptor = _sealed(size, seals)
    socket.send_fds(camera.channel, [Memory(slots).encode()], [descriptor])
    os.close(descriptor)
    calm.ask(100)
    bench.hear(2)

    assert camera.is_dropped()
    assert bench.served() == [100]


def test_a_file_a_pipe_and_nothing_are_no_memory_and_leave_no_descriptor(
    bench: Bench, tmp_path: Path
) -> None:
    (tmp_path / "file").write_bytes(bytes(ROOM))
    before = open_descriptors()
    with (tmp_path / "file").open("rb") as file:
        for descriptors in ([file.fileno()], [], [file.fileno()] * 3):
            camera = bench.connect()
            socket.send_fds(camera.channel, [Memory(2).encode()], descriptors)
            bench.hear()
            assert camera.is_dropped()
            camera.close()

    assert not open_descriptors() - before


def test_a_descriptor_beside_a_request_is_refused(bench: Bench) -> None:
    camera = bench.camera()
    socket.send_fds(camera.channel, [b"\0" * 16], [0])
    bench.hear()

    assert camera.is_dropped()


def test_who_sends_no_memory_loses_its_place_after_a_while(bench: Bench) -> None:
    idle, calm = bench.connect(), bench.camera()
    bench.now = MEMORY_TIMEOUT + 0.1
    bench.hear()

    assert idle.is_dropped()
    assert not calm.is_dropped()


def test_one_process_cannot_take_the_places_of_the_others(bench: Bench) -> None:
    cameras = [bench.connect() for _ in range(MOST_PER_PROCESS + 3)]

    told = [camera.ready().error for camera in cameras]
    dropped = [camera.is_dropped() for camera in cameras]

    assert dropped == [False] * MOST_PER_PROCESS + [True] * 3
    assert [bool(error) for error in told] == dropped
    assert "as many connections as it may have" in told[-1]
    assert len(bench.clients) == MOST_PER_PROCESS


def test_all_processes_together_have_no_more_connections_than_there_are(
    bench: Bench, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(clients, "MOST_PER_PROCESS", MOST + 2)
    cameras = [bench.connect() for _ in range(MOST + 1)]

    assert [camera.is_dropped() for camera in cameras] == [False] * MOST + [True]
    cameras[0].close()
    bench.hear()
    assert bench.connect().ready() == READY


def test_without_a_free_descriptor_nobody_is_refused_and_nothing_raised(bench: Bench) -> None:
    waiting = RawCamera(bench.path)
    bench.cameras.append(waiting)
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    lowest = os.open("/dev/null", os.O_RDONLY)
    os.close(lowest)
    resource.setrlimit(resource.RLIMIT_NOFILE, (lowest, hard))
    try:
        bench.clients.refuse(DetectorError("it is gone"))
    finally:
        resource.setrlimit(resource.RLIMIT_NOFILE, (soft, hard))

    bench.clients.refuse(DetectorError("it is gone"))
    assert waiting.ready().error == "it is gone"


def test_what_is_logged_about_bad_clients_is_limited(
    bench: Bench, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.WARNING):
        for _ in range(200):
            camera = bench.connect()
            camera.channel.send(b"hello")
            bench.hear()
            camera.close()

    assert 0 < len(caplog.records) <= 60
    assert "a client of the detector" in caplog.text
