"""Readers of the feed that hang, die and send garbage, while a daemon records."""

import io
import os
import signal
import socket
import subprocess
import sys
from collections.abc import Callable
from itertools import islice

import av
import pytest

from anoncam.errors import NotRunningError
from anoncam.feed.client import FeedReader
from tests.support.daemons import SYNTHETIC, record_more, recording, stop_well
from tests.support.running import RunningDaemon

HANGING = """
import sys, time
from collections.abc import Callable
from pathlib import Path
from anoncam.errors import NotRunningError
from anoncam.feed.client import FeedReader
reader = FeedReader(Path(sys.argv[1]), ["fragment", "packet", "picture", "status"], 600)
print(next(reader).kind, flush=True)
time.sleep(600)
"""


def test_readers_that_hang_die_or_send_garbage_cost_no_frame(
    daemon: Callable[..., RunningDaemon],
) -> None:
    running = recording(daemon(SYNTHETIC))
    folder = running.state
    hanging = [
        subprocess.Popen([sys.executable, "-c", HANGING, folder], stdout=subprocess.PIPE, text=True)
        for _ in range(3)
    ]
    try:
        for reader in hanging:
            assert reader.stdout is not None
            assert reader.stdout.readline() == "hello\n"
        os.kill(hanging[0].pid, signal.SIGSTOP)
        hanging[1].kill()
        for garbage in (b"\x00" * 1000, b"GET /\n", b"{}\n"):
            with socket.socket(socket.AF_UNIX) as channel:
                channel.connect(str(folder / "feed"))
                channel.sendall(garbage)
        dropped = running.status()["counts"]["dropped"]
        status = record_more(running, 100)
        assert status["counts"]["dropped"] == dropped
        with FeedReader(folder, ["fragment"]) as live:
            _, init, fragment = islice(live, 3)
        with av.open(io.BytesIO(init.payload + fragment.payload), "r") as container:
            assert len(list(container.decode(video=0))) == fragment.facts["frames"]
    finally:
        for reader in hanging:
            reader.kill()
            reader.wait()
            if reader.stdout is not None:
                reader.stdout.close()
    stop_well(running)


def test_a_reader_sees_the_end_of_the_daemon(daemon: Callable[..., RunningDaemon]) -> None:
    running = recording(daemon(SYNTHETIC))
    with FeedReader(running.state, ["status"]) as reader:
        assert next(reader).kind == "hello"
        running.process.kill()
        with pytest.raises(NotRunningError):
            list(reader)
