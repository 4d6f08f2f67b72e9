"""``make soak``: random faults on one daemon, for as long as one likes, each checked as in the
suite of faults."""

import os
import random
import shutil
import signal
import sys
import tempfile
import time
import traceback
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import click
import pytest
from tqdm import tqdm

from tests.faults.checking import Memory, Trouble, covered_without_fault, is_well, recording_film
from tests.faults.disks import SmallDisk, small_disk
from tests.faults.filming import Film
from tests.faults.filming import film as make_film
from tests.support.running import RunningDaemon, anoncam

SPOILED = """
import datetime, os, pathlib, time
from anoncam import clock
folder = pathlib.Path({folder!r})
def number(name):
    return float((folder / name).read_text())
utc, sync = clock.SystemClock.utc, os.fdatasync
clock.SystemClock.utc = lambda self: utc(self) + datetime.timedelta(hours=number("hours"))
def slow(descriptor):
    time.sleep(number("seconds"))
    sync(descriptor)
os.fdatasync = slow
"""
"""Python that lets the daemon's clock be wrong by the hours in a file, and its disk slow by the
seconds in another."""

KEPT = "min_free: 0, max_size: 15MB"

QUIET = (0.0, 4.0)
"""Seconds between two faults."""

ALSO = (
    "retention-deleted",
    "segment-salvaged",
    "detector-late",
    "config-reloaded",
    "source-chosen",
)
"""What may come beside the fault itself."""


@dataclass
class Life:
    """The daemon over all its restarts, with its folder, film and disk; `disk` is None where
    none can be mounted."""

    folder: Path
    film: Film
    chance: random.Random
    disk: SmallDisk | None
    restarts: int = 0
    recorded: int = 0
    running: RunningDaemon = field(init=False)

    def __post_init__(self) -> None:
        self.set("hours", 0)
        self.set("seconds", 0)
        self.start()

    @property
    def config(self) -> str:
        """What the daemon runs on when nothing is wrong."""
        return recording_film(self.film).replace("min_free: 0", KEPT)

    def set(self, name: str, number: float) -> None:
        """Set the clock or the slowness of the disk."""
        fresh = self.folder / f"{name}.new"
        fresh.write_text(str(number))
        fresh.replace(self.folder / name)

    def start(self) -> None:
        """Start the daemon, and wait until it records."""
        self.running = RunningDaemon(
            self.folder, self.config, spoiled_by=SPOILED.format(folder=str(self.folder))
        )
        self.running.wait_until(lambda status: bool(status["pid"] == self.running.process.pid))
        is_well(self.running)

    def close(self) -> None:
        """Leave nothing behind."""
        self.running.kill()

    def end(self) -> None:
        """Kill the daemon if it lives, and count what it has recorded."""
        self.close()
        self.recorded += self.running.status()["counts"]["recorded"]


def kill_the_detector(life: Life) -> None:
    """A signal of which it dies, or by which it stands still."""
    trouble = Trouble(life.running, life.film)
    how = life.chance.choice([signal.SIGKILL, signal.SIGABRT, signal.SIGSEGV, signal.SIGSTOP])
    os.kill(life.running.detectors()[0], how)
    trouble.check(event="detector-dead", over="detector-back", also=ALSO)


def kill_the_daemon(life: Life) -> None:
    """It dies at once, and is started again."""
    life.running.process.send_signal(signal.SIGKILL)
    life.running.wait()
    life.end()
    life.start()
    life.restarts += 1
    assert len(life.running.of("previous-run-crashed")) == 1
    Trouble(life.running, life.film).check(also=ALSO)


def edit_badly(life: Life) -> None:
    """An edit that is refused, and a good one."""
    trouble = Trouble(life.running, life.film)
    life.running.reload(f"{life.config}detector: {{rate: fast}}\n")
    trouble.wait_for("config-rejected")
    life.running.reload(life.config)
    trouble.check(event="config-rejected", over="config-reloaded", also=ALSO)


def edit_the_source(life: Life) -> None:
    """An edit for which the source is set up anew."""
    trouble = Trouble(life.running, life.film)
    life.running.reload(
        f"{life.config}coverage: {{look_ahead: {life.chance.uniform(0.5, 0.8):.2f}}}\n"
    )
    trouble.wait_for("config-reloaded")
    trouble.check(also=ALSO)


def set_the_clock(life: Life) -> None:
    """The wall clock jumps by hours."""
    trouble = Trouble(life.running, life.film)
    life.set("hours", life.chance.uniform(-50, 50))
    trouble.check(also=ALSO)


def delete_the_open_segment(life: Life) -> None:
    """Somebody deletes what is being written."""
    trouble = Trouble(life.running, life.film)
    folder = life.running.state / "recordings"
    life.running.wait_until(lambda _: bool(list(folder.glob("*.part"))))
    gone = False
    for path in folder.glob("*_*.mp4.part"):
        path.unlink(missing_ok=True)
        gone = True
    if gone:
        trouble.wait_for("segment-finished", 2)
    event = "storage-failed" if trouble.of("storage-failed") else ""
    trouble.check(event=event, over="storage-back" if event else "", also=ALSO)


def stand_still(life: Life) -> None:
    """A sync of the disk takes seconds."""
    trouble = Trouble(life.running, life.film)
    life.set("seconds", life.chance.uniform(0.5, 3))
    trouble.wait_for("segment-finished", 2)
    life.set("seconds", 0)
    trouble.check(also=ALSO)


def fill_the_disk(life: Life) -> None:
    """Somebody else fills the disk, and deletes it again."""
    assert life.disk is not None
    _fail_the_disk(life, life.disk.fill, life.disk.empty)


def break_the_disk(life: Life) -> None:
    """The disk turns read-only, and is repaired."""
    assert life.disk is not None
    _fail_the_disk(life, life.disk.break_down, life.disk.repair)


def pull_the_disk_out(life: Life) -> None:
    """The disk is gone, and comes back."""
    assert life.disk is not None
    _fail_the_disk(life, life.disk.unmount, life.disk.mount)
    assert life.disk.path.is_mount()


def _fail_the_disk(life: Life, cause: Callable[[], None], *cure: Callable[[], None]) -> None:
    trouble = Trouble(life.running, life.film)
    cause()
    trouble.wait_for("storage-failed")
    time.sleep(life.chance.uniform(0, 5))
    for step in cure:
        step()
    trouble.check(event="storage-failed", over="storage-back", also=ALSO)


ANYWHERE = (
    *(kill_the_detector, kill_the_daemon, edit_badly, edit_the_source, set_the_clock),
    *(delete_the_open_segment, stand_still),
)
ON_A_DISK_OF_ITS_OWN = (fill_the_disk, break_the_disk, pull_the_disk_out)


@click.command()
@click.option(
    "--minutes", type=click.FloatRange(min=0.1), default=60, show_default=True, help="How long."
)
@click.option("--seed", type=int, default=None, help="Do the same again [default: chance].")
def main(minutes: float, seed: int | None) -> None:
    """Break a running daemon in random ways, and check after each that nothing leaks, is lost or
    grows."""
    seed = random.SystemRandom().randrange(10**6) if seed is None else seed
    folder = Path(tempfile.mkdtemp(prefix="anoncam-soak-"))
    print(f"seed {seed}, in {folder}", flush=True)
    failures: list[str] = []
    done: Counter[str] = Counter()
    with _living(folder, seed) as life:
        faults = [*ANYWHERE, *(ON_A_DISK_OF_ITS_OWN if life.disk else ())]
        first = last = Memory.most_of(life.running)
        for _ in _rounds(minutes * 60):
            time.sleep(life.chance.uniform(*QUIET))
            fault = life.chance.choice(faults)
            try:
                is_well(life.running)
                fault(life)
                last = Memory.most_of(life.running)
                assert first.allows(last), f"memory was {first} at first, and is {last}"
            except AssertionError as error:
                failures.append(f"{fault.__name__}: {error or traceback.format_exc()}")
                tqdm.write(f"FAILED {failures[-1].splitlines()[0]}", file=sys.stderr)
            done[fault.__name__] += 1
        stopped = life.running.stop()
        verified = anoncam("verify", folder / "state/recordings")
        life.end()
    for name, count in sorted(done.items()):
        print(f"  {count:5} times  {name.replace('_', ' ')}")
    print(
        f"  {life.recorded:,} frames recorded in {life.restarts + 1} runs;"
        f" {len(failures)} of {done.total()} failed"
    )
    print(f"  memory: {first.kilobytes >> 10} MB at first, {last.kilobytes >> 10} MB at last")
    verdict = verified.stdout.strip().splitlines()[-3 if verified.returncode == 0 else 0]
    print(f"  stopped with {stopped}; {verdict}")
    if failures or stopped or verified.returncode:
        (folder / "failures.txt").write_text("\n\n".join([*failures, verified.stdout]))
        print(f"failures and logs: {folder}")
        raise SystemExit(1)
    shutil.rmtree(folder)


@contextmanager
def _living(folder: Path, seed: int) -> Iterator[Life]:
    """A daemon that records, on a disk of its own where one can be mounted."""
    made = make_film(folder / "film.mp4")
    covered = anoncam("anonymize", made.path, "-o", folder / "covered.mp4")
    assert covered.returncode == 0, covered.stderr
    film = covered_without_fault(made, folder / "covered.mp4")
    with ExitStack() as stack:
        disk = None
        try:
            disk = stack.enter_context(small_disk(folder / "image", folder / "state/recordings"))
        except pytest.skip.Exception as error:
            print(f"without faults of the disk: {error}")
        life = Life(folder, film, random.Random(seed), disk)
        stack.callback(life.close)
        yield life


def _rounds(seconds: float) -> Iterator[None]:
    """Yield until `seconds` have passed, with a progress bar."""
    began = time.monotonic()
    with tqdm(total=round(seconds), unit="s", desc="soak", disable=None) as bar:
        while (gone := time.monotonic() - began) < seconds:
            bar.update(round(gone) - bar.n)
            yield


if __name__ == "__main__":
    main()
