"""A network camera stalls, goes, changes and sends what it should not, while the daemon records
it."""

import random
from collections.abc import Callable, Iterator
from fractions import Fraction

import pytest

from tests.faults.checking import Trouble, is_well
from tests.faults.filming import FPS, HEIGHT, WIDTH, Film
from tests.support.rtsp_server import RtspCamera
from tests.support.running import RunningDaemon, anoncam
from tests.support.watching import luma

FINDS_AGAIN = 15.0
"""Seconds until a camera that is back is recorded: it is looked for every 5, and asked for some
pictures first."""

WAITING = 7
"""What `anoncam status` ends with while nothing is recorded."""

OF_THE_STREAM = ("stream-damaged", "stream-intact", "stream-clock-wrong", "stream-clock-back")
"""What is told of a stream that is spoiled, and that it is over, which may be a while later."""


class Cameras:
    """One address, at which a camera is or is not."""

    def __init__(self, film: Film) -> None:
        self._film = film
        self.now = RtspCamera(film=film.path)
        self.address = self.now.address

    def unplug(self) -> None:
        """Take the camera away."""
        self.now.close()

    def plug_in(self) -> None:
        """Put another one of its kind in its place."""
        self.now = RtspCamera(film=self._film.path, port=self.now.port)


@pytest.fixture(scope="module")
def cameras(film: Film) -> Iterator[Cameras]:
    found = Cameras(film)
    yield found
    found.now.close()


@pytest.fixture(scope="module")
def life(daemon: Callable[..., RunningDaemon], cameras: Cameras) -> RunningDaemon:
    return daemon(
        f"source: {{type: rtsp, address: '{cameras.address}'}}\n"
        "detector: {device: cpu, model: anoncam-face-320x320}\n"
        "recording: {segment_length: 1, retention: {min_free: 0}}\n"
    )


@pytest.fixture
def trouble(life: RunningDaemon, film: Film) -> Trouble:
    # After a few losses a camera counts as one that flaps, and has few lines. A reload ends that.
    reloads = len(is_well(life).of("config-reloaded"))
    life.reload(life.config.read_text())
    life.wait_for("config-reloaded", reloads + 1)
    return Trouble(is_well(life), film)


def is_waiting(running: RunningDaemon) -> None:
    running.wait_until(lambda status: status["state"] == "waiting-for-camera")
    ended = anoncam("status", environment={"STATE_DIRECTORY": str(running.state)})
    assert ended.returncode == WAITING
    assert "safe: nothing is recorded" in ended.stdout


def test_a_camera_that_stalls_is_lost_and_found_again(trouble: Trouble, cameras: Cameras) -> None:
    cameras.now.go_silent()
    trouble.wait_for("source-lost")
    is_waiting(trouble.running)
    cameras.now.go_on()
    trouble.is_over(FINDS_AGAIN)
    trouble.check(event="source-lost", over="source-chosen")


def test_a_camera_that_is_unplugged_is_waited_for_until_it_is_back(
    trouble: Trouble, cameras: Cameras
) -> None:
    cameras.unplug()
    trouble.wait_for("source-lost")
    is_waiting(trouble.running)
    cameras.plug_in()
    trouble.is_over(FINDS_AGAIN)
    trouble.check(event="source-lost", over="source-chosen")


def test_a_server_that_restarts_at_once_is_reconnected(trouble: Trouble, cameras: Cameras) -> None:
    cameras.unplug()
    cameras.plug_in()
    trouble.wait_for("source-chosen")
    trouble.is_over(FINDS_AGAIN)
    trouble.check(event="source-lost", over="source-chosen")


def test_damaged_packets_show_no_face(trouble: Trouble, cameras: Cameras) -> None:
    chance = random.Random(1)

    def damage(packet: bytes) -> list[bytes]:
        # The header stays, as behind a network that loses no packet and mixes up bits.
        if len(packet) < 100 or chance.random() > 0.2:
            return [packet]
        spoiled = bytearray(packet)
        for _ in range(20):
            spoiled[chance.randrange(20, len(packet))] = chance.randrange(256)
        return [bytes(spoiled)]

    spoils(trouble, cameras, damage)


def test_lost_packets_show_no_face(trouble: Trouble, cameras: Cameras) -> None:
    chance = random.Random(2)
    spoils(trouble, cameras, lambda packet: [] if chance.random() < 0.1 else [packet])


def test_repeated_packets_show_no_face(trouble: Trouble, cameras: Cameras) -> None:
    spoils(trouble, cameras, lambda packet: [packet, packet])


def test_packets_out_of_their_order_show_no_face(trouble: Trouble, cameras: Cameras) -> None:
    held: list[bytes] = []

    def swap(packet: bytes) -> list[bytes]:
        held.append(packet)
        if len(held) < 3:
            return []
        swapped = held[::-1]
        held.clear()
        return swapped

    spoils(trouble, cameras, swap)


@pytest.mark.parametrize("seconds", [3600, -3])
def test_timestamps_that_jump_forth_and_back_show_no_face(
    trouble: Trouble, cameras: Cameras, seconds: int
) -> None:
    def shift(packet: bytes) -> list[bytes]:
        stamp = (int.from_bytes(packet[4:8]) + seconds * 90_000) % (1 << 32)
        return [packet[:4] + stamp.to_bytes(4) + packet[8:]]

    spoils(trouble, cameras, shift)


def spoils(trouble: Trouble, cameras: Cameras, spoil: Callable[[bytes], list[bytes]]) -> None:
    """Spoil three seconds of packets: no face shows, and the end of all that is reported is
    reported too."""
    before = trouble.running.status()["counts"]["captured"]
    cameras.now.spoil = spoil
    trouble.running.wait_until(
        lambda status: (
            status["counts"]["captured"] > before + 3 * FPS or status["state"] != "recording"
        )
    )
    cameras.now.spoil = lambda packet: [packet]
    trouble.is_over(FINDS_AGAIN)
    # A camera that sends each picture twice is too fast.
    too_fast = ["frames-dropping", "frames-dropped"]
    trouble.check(also=["source-lost", "source-chosen", *OF_THE_STREAM, *too_fast])
    assert len(trouble.of("source-lost")) == len(trouble.of("source-chosen")) <= 1


def test_a_camera_that_changes_its_resolution_is_set_up_anew(
    trouble: Trouble, cameras: Cameras, film: Film
) -> None:
    files = set(trouble.running.recordings())
    cameras.now.scale = Fraction(1, 2)
    trouble.wait_for("source-chosen")
    half = Trouble(is_well(trouble.running), film)
    cameras.now.scale = Fraction(1)
    half.wait_for("source-chosen")
    half.is_over(FINDS_AGAIN)
    half.check(event="source-lost", over="source-chosen", also=OF_THE_STREAM)
    assert f"sends {WIDTH // 2}x{HEIGHT // 2} pixels now" in trouble.of("source-lost")[0]
    sizes = [luma(path)[0].shape for path in trouble.running.recordings() if path not in files]
    assert (HEIGHT // 2, WIDTH // 2) in sizes
    assert len(trouble.of("source-lost")) == 2


def test_a_life_with_a_bad_camera_ends_well_with_every_frame_accounted_for(
    life: RunningDaemon,
) -> None:
    assert is_well(life).stop() == 0
    counts = life.status()["counts"]
    assert counts["captured"] == counts["recorded"] + counts["dropped"]
    assert not life.of("stage-failed")
    assert not life.of("stage-frozen")
