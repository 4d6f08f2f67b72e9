import mmap
import subprocess
import sys
from pathlib import Path

import pytest

from anoncam.errors import MemoryLockError
from anoncam.events.event import Event
from anoncam.frames import locked_memory
from tests.support.checkout import ROOT
from tests.support.events import EventLog

REFUSED = """
import mmap, os, resource, sys
from anoncam.frames import locked_memory
from anoncam.errors import MemoryLockError
sys.path.insert(0, {tests!r})
from anoncam.events.event import Event
from tests.support import events
log = events.attach()
resource.setrlimit(resource.RLIMIT_MEMLOCK, (0, 0))
if os.getuid() == 0:
    os.setuid(65534)  # and with that goes CAP_IPC_LOCK
locked_memory.disk_swaps = lambda: {swaps!r}
try:
    for _ in range(3):
        locked_memory.lock(mmap.mmap(-1, 8192))
except MemoryLockError as error:
    print("refused:", error)
print("events:", len(log.of(Event.MEMORY_UNLOCKED)))
"""


def run(script: str) -> str:
    return subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=True
    ).stdout


def refused(swaps: list[str]) -> str:
    return run(REFUSED.format(tests=str(ROOT), swaps=swaps))


def test_a_sealed_process_is_not_dumpable_and_leaves_no_core() -> None:
    script = """
import ctypes, resource
from anoncam.frames import locked_memory
locked_memory.seal()
locked_memory.seal()
print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0), *resource.getrlimit(resource.RLIMIT_CORE))
"""
    assert run(script).split() == ["0", "0", "0"]


def test_a_process_that_is_not_sealed_is_dumpable() -> None:
    assert run("import ctypes; print(ctypes.CDLL(None).prctl(3, 0, 0, 0, 0))").split() == ["1"]


def test_locking_that_fails_is_an_error_where_swap_lies_on_a_disk() -> None:
    output = refused(["/dev/sda2"])
    assert "refused:" in output
    assert "/dev/sda2" in output
    assert "swapoff" in output
    assert "events: 0" in output


def test_locking_that_fails_is_reported_once_where_there_is_no_swap() -> None:
    assert refused([]).split() == ["events:", "1"]


def test_memory_that_is_locked_is_not_reported(
    event_log: EventLog, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(locked_memory, "disk_swaps", lambda: ["/dev/sda2"])
    try:
        locked_memory.lock(mmap.mmap(-1, mmap.PAGESIZE))
    except MemoryLockError:
        pytest.skip("not even one page may be locked here (ulimit -l)")
    assert not event_log.of(Event.MEMORY_UNLOCKED)


HEADER = "Filename\t\t\t\tType\t\tSize\t\tUsed\t\tPriority\n"


def swaps(folder: Path, lines: str, backing: str | None = None) -> list[str]:
    (folder / "swaps").write_text(HEADER + lines)
    if backing is not None:
        (folder / "zram0").mkdir()
        (folder / "zram0" / "backing_dev").write_text(backing)
    return locked_memory.disk_swaps(folder / "swaps", folder)


def test_a_partition_and_a_file_are_swap_on_a_disk(tmp_path: Path) -> None:
    lines = "/dev/mmcblk0p3 partition 1000 0 -2\n/var/swap file 1000 0 -3\n"
    assert swaps(tmp_path, lines) == ["/dev/mmcblk0p3", "/var/swap"]


def test_without_swap_no_swap_is_found(tmp_path: Path) -> None:
    assert swaps(tmp_path, "") == []


@pytest.mark.parametrize("backing", [None, "none\n"])
def test_compressed_memory_is_not_on_a_disk(tmp_path: Path, backing: str | None) -> None:
    assert swaps(tmp_path, "/dev/zram0 partition 1000 0 100\n", backing) == []


def test_compressed_memory_that_is_written_back_is_on_a_disk(tmp_path: Path) -> None:
    assert swaps(tmp_path, "/dev/zram0 partition 1000 0 100\n", "/dev/loop0\n") == ["/dev/zram0"]


@pytest.mark.parametrize(("has_swap", "expected"), [(False, []), (True, ["an unknown place"])])
def test_a_hidden_list_counts_as_swap_on_a_disk_if_the_kernel_has_any(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, has_swap: bool, expected: list[str]
) -> None:
    monkeypatch.setattr(locked_memory, "_has_swap", lambda: has_swap)
    assert locked_memory.disk_swaps(tmp_path / "missing", tmp_path) == expected


def test_the_list_and_the_total_of_swap_agree() -> None:
    (line,) = [
        line
        for line in Path("/proc/meminfo").read_text().splitlines()
        if line.startswith("SwapTotal:")
    ]
    assert locked_memory._has_swap() == (int(line.split()[1]) > 0)
