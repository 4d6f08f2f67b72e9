"""The disk of the recordings fails in every way we know, while the daemon records."""

import errno
import fcntl
import os
import re
import struct
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest

from tests.faults.checking import Trouble, is_well, play, recording_film
from tests.faults.disks import SmallDisk, small_disk
from tests.faults.filming import FRAMES, Film
from tests.support.running import RunningDaemon, anoncam

SLOW_DISK = """
import os, pathlib, time
from anoncam.recording import segment_recorder
segment_recorder._SMALLEST_QUEUE = 600_000
segment_recorder._QUEUE_SECONDS = 0
plan = pathlib.Path({plan!r})
sync = os.fdatasync
def slow(descriptor):
    time.sleep(float(plan.read_text()))
    sync(descriptor)
os.fdatasync = slow
"""
"""Python that makes each sync of footage take as many seconds as a file says; a few seconds of it
may wait."""

_IMMUTABLE = 0x10
_GET_FLAGS, _SET_FLAGS = 0x80086601, 0x40086602
"""Of linux/fs.h."""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("life")


@pytest.fixture(scope="module")
def disk(folder: Path) -> Iterator[SmallDisk]:
    """Where the recordings go: the mount point itself."""
    with small_disk(folder / "image", folder / "state/recordings") as mounted:
        yield mounted


@pytest.fixture(scope="module")
def life(folder: Path, disk: SmallDisk, film: Film) -> Iterator[RunningDaemon]:
    """One daemon for all faults: each of them must leave it as it was."""
    (folder / "slowness").write_text("0")
    running = RunningDaemon(
        folder, recording_film(film), spoiled_by=SLOW_DISK.format(plan=str(folder / "slowness"))
    )
    yield running
    running.kill()


@pytest.fixture
def trouble(life: RunningDaemon, film: Film) -> Trouble:
    return Trouble(is_well(life), film)


def check(trouble: Trouble) -> None:
    """One event reports it and one its end; what was cut off is salvaged."""
    trouble.check(event="storage-failed", over="storage-back", also=["segment-salvaged"])
    assert trouble.running.status()["recording"]["state"] == "working"


def changed(film: Film, old: str, new: str) -> str:
    """The configuration with one setting changed."""
    text, count = re.subn(old, new, recording_film(film))
    assert count == 1
    return text


def leaps(numbers: list[int | None]) -> int:
    """How often a frame does not follow on the one before."""
    return sum(
        None not in pair and pair[1] != ((pair[0] or 0) + 1) % FRAMES for pair in pairwise(numbers)
    )


def test_a_disk_that_is_full_is_reported_once_and_recorded_to_again_when_it_has_room(
    trouble: Trouble, disk: SmallDisk
) -> None:
    disk.fill()
    assert "No space left" in trouble.wait_for("storage-failed")
    trouble.running.wait_until(lambda status: status["recording"]["dropped_fragments"] > 3)
    disk.empty()
    check(trouble)


def test_a_disk_that_turns_read_only_costs_what_was_not_on_it_and_is_used_again_when_repaired(
    trouble: Trouble, disk: SmallDisk
) -> None:
    disk.break_down()
    # A sync that is under way when the file system breaks down ends with EIO.
    sentence = trouble.wait_for("storage-failed")
    assert "Read-only" in sentence or "Input/output error" in sentence
    before = trouble.running.status()["counts"]["recorded"]
    trouble.running.wait_until(lambda status: status["counts"]["recorded"] > before + 40)
    disk.repair()
    check(trouble)


def test_the_empty_mount_point_of_a_disk_that_is_gone_is_not_written_to(
    trouble: Trouble, disk: SmallDisk
) -> None:
    disk.unmount()
    reason = trouble.wait_for("storage-failed")
    assert re.search("no longer mounted|has just gone|No such file", reason)
    before = trouble.running.status()["recording"]["dropped_fragments"]
    trouble.running.wait_until(lambda status: status["recording"]["dropped_fragments"] > before + 3)
    assert list(disk.path.iterdir()) == []
    disk.mount()
    check(trouble)


def test_another_disk_in_its_place_is_recorded_to_and_the_first_one_again_when_it_is_back(
    trouble: Trouble, disk: SmallDisk, tmp_path: Path
) -> None:
    disk.unmount()
    trouble.wait_for("storage-failed")
    with small_disk(tmp_path / "image", tmp_path / "other") as other:
        other.unmount()
        other.path = disk.path
        other.mount()
        trouble.wait_for("segment-finished", len(trouble.of("segment-finished")) + 2)
        assert anoncam("verify", disk.path).returncode == 0
        assert len(trouble.of("storage-back")) == 1
        other.unmount()
        trouble.wait_for("storage-failed", 2)
    disk.mount()
    trouble.wait_for("storage-back", 2)
    numbers = [int(path.name.split("_")[0]) for path in trouble.running.recordings()]
    assert len(set(numbers)) == len(numbers)


def test_a_disk_that_takes_seconds_for_a_sync_costs_nothing(
    trouble: Trouble, folder: Path, film: Film
) -> None:
    before = trouble.running.status()["recording"]["dropped_fragments"]
    trouble.running.reload(changed(film, r"segment_length: \d+", "segment_length: 10"))
    trouble.wait_for("config-reloaded")
    (folder / "slowness").write_text("2.5")
    trouble.wait_for("segment-finished", 2)
    (folder / "slowness").write_text("0")
    trouble.running.reload(recording_film(film))
    trouble.wait_for("segment-finished", len(trouble.of("segment-finished")) + 2)
    assert not trouble.of("storage-failed")
    files = trouble.running.recordings()[-len(trouble.of("segment-finished")) :]
    numbers = [film.read_number(picture) for path in files for picture in play(path)]
    trouble.running.wait_for("segment-finished", len(trouble.running.of("segment-finished")) + 2)
    status = trouble.running.status()
    assert status["recording"]["dropped_fragments"] == before
    # What a busy machine drops before the disk is another matter.
    assert leaps(numbers) <= status["counts"]["dropped"]


def test_a_disk_that_stands_still_is_reported_once_and_what_it_was_given_is_kept(
    trouble: Trouble, folder: Path
) -> None:
    (folder / "slowness").write_text("12")
    assert "too slow" in trouble.wait_for("storage-failed")
    (folder / "slowness").write_text("0")
    check(trouble)


def test_a_disk_that_fails_while_the_source_is_set_up_anew_is_reported_once(
    trouble: Trouble, disk: SmallDisk, film: Film
) -> None:
    disk.fill()
    trouble.wait_for("storage-failed")
    for number in (1, 2):
        trouble.running.reload(recording_film(film, f"coverage: {{look_ahead: 0.{6 + number}}}\n"))
        trouble.wait_for("source-chosen", number)
    trouble.running.wait_until(lambda status: status["recording"].get("dropped_fragments", 0) > 2)
    disk.empty()
    trouble.check(
        event="storage-failed", over="storage-back", also=["segment-salvaged", "config-reloaded"]
    )


def immutable(path: Path, yes: bool) -> None:
    """Have it as nobody, not even root, may change or delete it."""
    descriptor = os.open(path, os.O_RDONLY)
    try:
        flags = struct.unpack("l", fcntl.ioctl(descriptor, _GET_FLAGS, bytes(8)))[0]
        fcntl.ioctl(
            descriptor,
            _SET_FLAGS,
            struct.pack("l", flags | _IMMUTABLE if yes else flags & ~_IMMUTABLE),
        )
    except OSError as error:
        if error.errno in (errno.EPERM, errno.ENOTTY, errno.EOPNOTSUPP):
            pytest.skip("no file can be made immutable here")
        raise
    finally:
        os.close(descriptor)


def test_retention_passes_over_what_it_cannot_delete_and_spares_the_newest_and_what_is_not_ours(
    trouble: Trouble, disk: SmallDisk, film: Film
) -> None:
    first, *_, newest = trouble.running.recordings()
    others = [
        disk.path / "holiday.mp4",
        disk.path / "12_20260714T091500Z.mp4",
        disk.path / f"{newest.name}.bak",
    ]
    for other in others:
        other.write_text("not ours")
    immutable(first, True)
    try:
        few = "bitrate: 100, retention: {max_size: 13kB, min_free: 0"
        trouble.running.reload(changed(film, r"retention: \{min_free: 0", few))
        trouble.wait_for("config-reloaded")
        trouble.wait_for("segment-finished", 3)
        trouble.running.wait_until(lambda _: len(trouble.running.recordings()) <= 2 + len(others))
        assert first.exists()
        assert all(other.read_text() == "not ours" for other in others)
        assert len([line for line in trouble.running.lines if "cannot be deleted" in line]) == 1
    finally:
        immutable(first, False)
    trouble.running.wait_until(lambda _: not first.exists())
    for other in others:
        other.unlink()
    trouble.running.reload(recording_film(film))
    trouble.wait_for("config-reloaded", 2)
    assert not trouble.of("storage-failed")
    deleted = trouble.of("retention-deleted")
    assert len(deleted) == len(set(deleted)) > 0
    assert anoncam("verify", disk.path).returncode == 0


def test_the_open_segment_that_somebody_deletes_is_reported_and_the_next_one_recorded(
    trouble: Trouble, disk: SmallDisk
) -> None:
    trouble.running.wait_until(lambda _: bool(delete(disk.path, "*.part")))
    assert "No such file" in trouble.wait_for("storage-failed")
    check(trouble)
    assert anoncam("verify", disk.path).returncode == 0


def test_segments_that_somebody_deletes_are_missing_for_verify_and_recording_goes_on(
    trouble: Trouble, disk: SmallDisk
) -> None:
    gone = delete(disk.path, "*_*.mp4")
    trouble.wait_for("segment-finished", 2)
    assert not trouble.of("storage-failed")
    verified = anoncam("verify", disk.path)
    assert verified.returncode == 10
    assert {
        line.split()[1].rstrip(":")
        for line in verified.stdout.splitlines()
        if line.startswith("MISSING")
    } == gone


def test_a_daemon_that_starts_before_its_disk_waits_for_it_and_leaves_the_mount_point_empty(
    life: RunningDaemon, folder: Path, disk: SmallDisk, film: Film
) -> None:
    assert is_well(life).stop() == 0
    before = set(life.recordings())
    disk.unmount()
    running = RunningDaemon(folder, recording_film(film))
    try:
        assert "no longer mounted" in running.wait_for("storage-failed")
        running.wait_until(lambda status: status["recording"]["dropped_fragments"] > 3)
        assert list(disk.path.iterdir()) == []
        disk.mount()
        running.wait_for("storage-back")
        running.wait_for("segment-finished")
        assert running.stop() == 0
        assert len(running.of("storage-failed")) == len(running.of("storage-back")) == 1
        assert before < set(running.recordings())
        assert anoncam("verify", disk.path).returncode == 10, (
            "what the test before has deleted is still missing"
        )
    finally:
        running.kill()


def delete(folder: Path, pattern: str) -> set[str]:
    """Delete all files of that pattern; their names."""
    paths = list(folder.glob(pattern))
    for path in paths:
        path.unlink(missing_ok=True)
    return {path.name for path in paths}
