"""The RTSP outlet, with FFmpeg (by PyAV) and GStreamer as players and recorders."""

import contextlib
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import replace
from itertools import islice, pairwise
from pathlib import Path

import av
import pytest
from PIL import Image

from tests.support.checkout import ROOT
from tests.support.daemons import SYNTHETIC, daemons, record_more, recording, stop_well
from tests.support.fake_feed import FakeFeed
from tests.support.frames import small_format
from tests.support.programs import free_port, needs, wait_for_port
from tests.support.rtsp_outlet import PASSWORD, RtspOutlet, environment_with_bindings, filming
from tests.support.running import RunningDaemon, anoncam

pytestmark = pytest.mark.integration

TIMEOUT = 60

CLOCK_CLIENT = ROOT / "tests/support/rtsp_clock_client.py"


@pytest.fixture
def outlet(tmp_path: Path) -> RtspOutlet:
    return RtspOutlet(tmp_path)


@pytest.fixture
def live(outlet: RtspOutlet) -> Iterator[RtspOutlet]:
    """An outlet that serves what a feed films."""
    with FakeFeed(outlet.folder) as feed, filming(feed), outlet.up():
        yield outlet


@contextlib.contextmanager
def playing(address: str, transport: str = "tcp") -> Iterator[av.container.InputContainer]:
    with av.open(address, options={"rtsp_transport": transport}, timeout=TIMEOUT) as container:
        yield container


def times(address: str, count: int, transport: str = "tcp") -> list[float]:
    """The times of that many decoded frames; the first one often has none."""
    with playing(address, transport) as container:
        frames = islice(container.decode(video=0), count)
        return [frame.time for frame in frames if frame.time is not None]


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_ffmpeg_plays_it_by_a_clock_that_goes_on(live: RtspOutlet, transport: str) -> None:
    found = times(live.address, 25, transport)
    steps = [round(later - earlier, 3) for earlier, later in pairwise(found)]
    assert len(found) >= 24
    assert set(steps) == {0.1}


@pytest.mark.parametrize("transport", ["tcp", "udp"])
def test_sender_reports_tell_by_the_clock_of_the_device_when_a_picture_was_sent(
    live: RtspOutlet, transport: str
) -> None:
    printed = subprocess.run(
        [sys.executable, CLOCK_CLIENT, live.address, transport, "20"],
        env=environment_with_bindings(live.folder),
        check=True,
        capture_output=True,
        text=True,
        timeout=TIMEOUT,
    ).stdout
    sent, came = zip(*(map(float, line.split()) for line in printed.splitlines()), strict=True)
    # A clock that begins with the process, or in 1900, would be off by years.
    assert all(abs(one - other) < TIMEOUT for one, other in zip(sent, came, strict=True))
    steps = [round(later - earlier, 1) for earlier, later in pairwise(sent)]
    # On a busy machine some pictures are lost, and the clock is set anew now and then.
    assert steps.count(0.1) > len(steps) / 2


def test_parameter_sets_are_in_the_description_and_before_each_key_frame(live: RtspOutlet) -> None:
    with playing(live.address) as container:
        assert b"\0\0\1\x67" in bytes(container.streams.video[0].codec_context.extradata or b"")
        keys = 0
        for packet in container.demux(video=0):
            if packet.is_keyframe:
                keys += 1
                data = bytes(packet)
                assert -1 < data.find(b"\0\0\1\x67") < data.find(b"\0\0\1\x65")
            if keys == 3:
                return


def test_gstreamer_plays_it_over_tcp_and_udp(live: RtspOutlet) -> None:
    needs("gst-launch-1.0", "gstreamer1.0-tools")
    for transport in ("tcp", "udp"):
        subprocess.run(
            [
                *("gst-launch-1.0", "-q", "rtspsrc", f"location={live.address}"),
                *(f"protocols={transport}", "!", "rtph264depay", "!", "h264parse", "!"),
                *("identity", "eos-after=20", "!", "fakesink"),
            ],
            check=True,
            timeout=TIMEOUT,
        )


@pytest.mark.parametrize("login", ["", "camera:wrong@", f"nobody:{PASSWORD}@"])
def test_without_the_right_login_there_is_no_picture(live: RtspOutlet, login: str) -> None:
    address = f"rtsp://{login}127.0.0.1:{live.port}/live"
    with pytest.raises(av.HTTPUnauthorizedError), playing(address):
        pass


def test_after_five_wrong_passwords_the_right_one_has_to_wait_too(live: RtspOutlet) -> None:
    wrong = f"rtsp://camera:wrong@127.0.0.1:{live.port}/live"
    for _ in range(4):
        with pytest.raises(av.HTTPUnauthorizedError), playing(wrong):
            pass
    with playing(live.address) as container:
        next(container.decode(video=0))
    # That has made the count begin anew.
    for _ in range(5):
        with pytest.raises(av.HTTPUnauthorizedError), playing(wrong):
            pass
    with pytest.raises(av.HTTPUnauthorizedError), playing(live.address):
        pass


def test_the_password_is_asked_for_by_digest_alone(live: RtspOutlet) -> None:
    with socket.create_connection(("127.0.0.1", live.port), TIMEOUT) as channel:
        channel.sendall(
            f"DESCRIBE rtsp://127.0.0.1:{live.port}/live RTSP/1.0\r\nCSeq: 1\r\n\r\n".encode()
        )
        answer = channel.recv(4096).decode()
    assert answer.startswith("RTSP/1.0 401")
    assert re.findall(r"WWW-Authenticate: (\w+)", answer) == ["Digest"]


@contextlib.contextmanager
def stopped_reader(live: RtspOutlet, place: Path) -> Iterator[None]:
    """A reader that has begun to watch, stops reading, and dies at the end of the block."""
    needs("gst-launch-1.0", "gstreamer1.0-tools")
    source = ("gst-launch-1.0", "-q", "rtspsrc", f"location={live.address}", "protocols=tcp")
    started = place / "started"
    stuck = subprocess.Popen([*source, "!", "filesink", f"location={started}", "buffer-mode=2"])
    try:
        watched = threading.Event()
        while not (started.exists() and started.stat().st_size):
            assert not watched.wait(0.1)
            assert stuck.poll() is None
        stuck.send_signal(signal.SIGSTOP)
        yield
    finally:
        stuck.kill()
        stuck.wait()


def test_five_readers_watch_while_one_stops_reading_and_one_dies(
    live: RtspOutlet, tmp_path: Path
) -> None:
    with stopped_reader(live, tmp_path):
        found: list[list[float]] = []
        readers = [
            threading.Thread(target=lambda: found.append(times(live.address, 30))) for _ in range(5)
        ]
        for reader in readers:
            reader.start()
        for reader in readers:
            reader.join(TIMEOUT)
        assert [len(each) >= 29 for each in found] == [True] * 5
    assert len(times(live.address, 10)) >= 9


def test_after_a_kill_it_serves_again(outlet: RtspOutlet) -> None:
    with FakeFeed(outlet.folder) as feed, filming(feed):
        with outlet.up() as process, playing(outlet.address) as container:
            frames = container.decode(video=0)
            next(frames)
            process.kill()
            # What had arrived is played; then it ends, by itself or by an error.
            with contextlib.suppress(av.FFmpegError):
                for _ in frames:
                    pass
        with outlet.up():
            assert len(times(outlet.address, 10)) >= 9


def test_a_daemon_that_starts_again_goes_on_in_the_same_connection(outlet: RtspOutlet) -> None:
    with outlet.up():
        with FakeFeed(outlet.folder) as feed, filming(feed):
            container = av.open(outlet.address, options={"rtsp_transport": "tcp"}, timeout=TIMEOUT)
            frames = container.decode(video=0)
            before = [next(frames).time for _ in range(5)][-1]
        with FakeFeed(outlet.folder) as feed, filming(feed), container:
            after = [next(frames).time for _ in range(25)][-1]
    assert before is not None
    assert after is not None
    assert after > before + 1


def test_pictures_of_another_size_end_the_connection_and_the_next_one_has_them(
    outlet: RtspOutlet,
) -> None:
    with outlet.up():
        with FakeFeed(outlet.folder) as feed, filming(feed):
            container = av.open(outlet.address, options={"rtsp_transport": "tcp"}, timeout=TIMEOUT)
            next(container.decode(video=0))
        wide = replace(small_format(), width=96, stride=96)
        with FakeFeed(outlet.folder, wide) as feed, filming(feed):
            with container, contextlib.suppress(av.FFmpegError):
                assert {frame.width for frame in container.decode(video=0)} == {64}
            with playing(outlet.address) as later:
                assert next(later.decode(video=0)).width == 96


def test_nobody_watches_so_nothing_is_read(outlet: RtspOutlet) -> None:
    with FakeFeed(outlet.folder) as feed, filming(feed), outlet.up():
        assert "packet" not in feed.feed.wanted
        times(outlet.address, 5)
        with feed.feed.changed:
            assert feed.feed.changed.wait_for(lambda: "packet" not in feed.feed.wanted, TIMEOUT)


def test_another_port_takes_effect_without_a_restart(live: RtspOutlet) -> None:
    live.port = free_port()
    live.configure()
    process = subprocess.Popen(["sleep", "infinity"])
    try:
        wait_for_port(live.port, process)
    finally:
        process.kill()
        process.wait()
    assert len(times(live.address, 5)) >= 4


def test_it_stops_on_sigterm_while_somebody_watches(outlet: RtspOutlet) -> None:
    with (
        FakeFeed(outlet.folder) as feed,
        filming(feed),
        outlet.up() as process,
        playing(outlet.address) as container,
    ):
        next(container.decode(video=0))
        process.terminate()
        assert process.wait(TIMEOUT) == 0


def test_a_port_that_is_taken_is_an_error_with_a_remedy(outlet: RtspOutlet) -> None:
    with socket.socket() as taken:
        taken.bind(("0.0.0.0", outlet.port))  # noqa: S104 - as the outlet would
        taken.listen()
        with outlet.up(serves=False) as process:
            assert process.wait(TIMEOUT) == 1
            assert process.stderr is not None
            assert "choose another rtsp.port" in process.stderr.read()


def receive(port: int, count: int) -> list[float]:
    """Play server for one publisher, by FFmpeg; the times of its frames."""
    address = f"rtsp://127.0.0.1:{port}/garden"
    options = {"rtsp_flags": "listen", "rtsp_transport": "tcp", "listen_timeout": str(TIMEOUT)}
    while True:
        # A publisher whose server has gone knocks once more, only to say good-bye.
        with contextlib.suppress(av.EOFError), av.open(address, options=options) as container:
            frames = islice(container.decode(video=0), count)
            return [frame.time for frame in frames if frame.time is not None]


def test_it_publishes_to_a_server_and_again_when_that_was_away(outlet: RtspOutlet) -> None:
    port = free_port()
    outlet.configure(publish=f"rtsp://127.0.0.1:{port}/garden")
    with FakeFeed(outlet.folder) as feed, filming(feed), outlet.up(serves=False) as process:
        assert process.stderr is not None
        lines = iter(process.stderr.readline, "")
        assert any("outlet-failed: nothing is published" in line for line in lines)
        assert len(receive(port, 15)) >= 14
        assert any("outlet-back: published" in line for line in lines)
        assert len(receive(port, 15)) >= 14


def test_no_face_is_in_what_a_player_receives(
    outlet: RtspOutlet, footage: Path, tmp_path: Path
) -> None:
    place = tmp_path / "daemon"
    place.mkdir()
    config = f"source: {{type: file, address: {footage}, loop: true}}\n"
    config += f"rtsp: {{port: {outlet.port}}}\n"
    with daemons(place) as start:
        running: RunningDaemon = recording(start(config))
        outlet.folder = running.state
        with outlet.up(), playing(outlet.address) as container:
            received = [
                save(frame, tmp_path / f"received-{number}.png")
                for number, frame in enumerate(islice(container.decode(video=0), 0, 60, 12))
            ]
    with av.open(str(footage)) as container:
        originals = [
            save(frame, tmp_path / f"original-{number}.png")
            for number, frame in enumerate(islice(container.decode(video=0), 0, 60, 12))
        ]
    assert faces(originals) > 0
    assert faces(received) == 0


def save(frame: av.VideoFrame, path: Path) -> Path:
    Image.fromarray(frame.to_ndarray(format="rgb24")).save(path)
    return path


def faces(pictures: list[Path]) -> int:
    # Squares score up to 0.5 now and then, the face of the footage 0.9.
    ended = anoncam("detect", "--json", "--threshold", "0.6", *pictures)
    assert ended.returncode == 0, ended.stderr
    return ended.stdout.count('"score"')


def test_the_recording_does_not_notice_an_outlet_that_hangs_and_dies(
    outlet: RtspOutlet, tmp_path: Path
) -> None:
    place = tmp_path / "daemon"
    place.mkdir()
    with daemons(place) as start:
        running = recording(start(f"{SYNTHETIC}rtsp: {{port: {outlet.port}}}\n"))
        outlet.folder = running.state
        with outlet.up() as process, playing(outlet.address) as container:
            next(container.decode(video=0))
            dropped = running.status()["counts"]["dropped"]
            process.send_signal(signal.SIGSTOP)
            record_more(running, 90)
            process.kill()
            status = record_more(running, 90)
        assert status["counts"]["dropped"] == dropped
        stop_well(running)
