"""A long run of the RTSP outlet: five readers, beside one that stops reading.

    python -m tests.outlets.soak_rtsp --minutes 10

It ends with 1 if a reader is disconnected, sees time go back or far fewer pictures than the others,
or if the memory of the outlet grows.
"""

import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass
from pathlib import Path

import click

from tests.outlets.test_rtsp import playing, stopped_reader
from tests.support.fake_feed import FakeFeed
from tests.support.rtsp_outlet import RtspOutlet, filming

READERS = ("tcp", "tcp", "tcp", "udp", "udp")
LINES = 10
"""How often it says how far it is."""

MOST_GROWTH = 64 << 20
"""Bytes that the outlet may take more at the end than after the first tenth of the run."""


@dataclass
class Reader:
    """What a reader has seen so far; `problem` is why it has ended early."""

    transport: str
    frames: int = 0
    last: float = -1.0
    problem: str = ""

    def watch(self, address: str, until: float) -> None:
        """Watch until that time of the monotonic clock."""
        try:
            with playing(address, self.transport) as container:
                for frame in container.decode(video=0):
                    if frame.time is not None and frame.time <= self.last:
                        self.problem = f"time has gone back from {self.last} to {frame.time}"
                    self.frames, self.last = self.frames + 1, frame.time or self.last
                    if self.problem or time.monotonic() >= until:
                        return
            self.problem = "disconnected"
        except Exception as error:  # it is a finding
            self.problem = repr(error)


def memory(process: "subprocess.Popen[str]") -> int:
    """Bytes of memory that a process has."""
    text = Path(f"/proc/{process.pid}/status").read_text()
    return int(text.partition("VmRSS:")[2].split()[0]) * 1024


def problems(readers: list[Reader], growth: int) -> list[str]:
    """What is wrong after the run."""
    found = [f"a reader by {each.transport}: {each.problem}" for each in readers if each.problem]
    most = max(each.frames for each in readers)
    # What UDP loses is lost.
    found += [
        f"a reader by {each.transport} has seen {each.frames} pictures, another one {most}"
        for each in readers
        if each.frames < most * (0.9 if each.transport == "tcp" else 0.5)
    ]
    if growth > MOST_GROWTH:
        found.append(f"the outlet has grown by {growth >> 20} MB")
    return found


@click.command()
@click.option("--minutes", type=click.FloatRange(0, min_open=True), default=10.0)
def main(minutes: float) -> None:
    """Watch for that long."""
    with tempfile.TemporaryDirectory() as place:
        folder = Path(place)
        outlet = RtspOutlet(folder)
        with (
            FakeFeed(folder) as feed,
            filming(feed),
            outlet.up() as process,
            stopped_reader(outlet, folder),
        ):
            until = time.monotonic() + minutes * 60
            readers = [Reader(transport) for transport in READERS]
            threads = [
                threading.Thread(target=each.watch, args=(outlet.address, until))
                for each in readers
            ]
            for thread in threads:
                thread.start()
            sizes = []
            for _ in range(LINES):
                threads[0].join(minutes * 60 / LINES)
                sizes.append(memory(process))
                seen = ", ".join(f"{each.transport} {each.frames}" for each in readers)
                print(f"pictures: {seen}; memory: {sizes[-1] >> 20} MB", flush=True)
            for thread in threads:
                thread.join()
    found = problems(readers, sizes[-1] - sizes[0])
    print("\n".join(found) or "no problem found")
    sys.exit(bool(found))


if __name__ == "__main__":
    main()
