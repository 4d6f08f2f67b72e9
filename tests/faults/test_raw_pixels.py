"""No raw pixel is left anywhere: what the camera saw of a face is looked for in all that a daemon
leaves behind."""

import os
import signal
import threading
from collections.abc import Iterable, Iterator
from pathlib import Path

import numpy as np
import pytest

from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import DetectorSettings
from anoncam.detectors.letterbox import Letterbox
from anoncam.detectors.model_file import find
from anoncam.sources.file import FileSource
from tests.faults.checking import is_well, recording_film, showing
from tests.faults.filming import Film
from tests.support.frames import pooled
from tests.support.running import RunningDaemon

LENGTH = 24
"""Bytes of a row that are looked for: long enough to be of that picture alone."""

VARIETY = 12
"""Different values among them: bytes of a flat area can be found anywhere."""

BREAKING = """
import os, pathlib, resource
os.chdir({folder!r})
resource.setrlimit(resource.RLIMIT_CORE, (resource.getrlimit(resource.RLIMIT_CORE)[1],) * 2)
from anoncam.anonymizer import anonymizer
from anoncam.pipeline import record
from anoncam.service.snapshots import RecorderWithSnapshots
plan = pathlib.Path("plan")
def breaking(call, name):
    def broken(*arguments):
        if plan.exists() and plan.read_text() == name:
            plan.unlink()
            raise RuntimeError(*arguments[:2])
        return call(*arguments)
    return broken
anonymizer.lay_grid = breaking(anonymizer.lay_grid, "covering")
RecorderWithSnapshots.write = breaking(RecorderWithSnapshots.write, "recording")
"""
"""Python that lets covering or recording fail when a file says so, in a folder where a core may be
dumped.

The error carries the frame, as a careless one might.
"""


def needles(film: Film) -> tuple[list[bytes], list[bytes]]:
    """Bytes of rows through faces: as the camera's frames have them in the pool, and as the
    detector is shown them."""
    raw: list[bytes] = []
    scaled: list[bytes] = []
    side = find(DetectorSettings().model)
    width, height = (int(part) for part in side.name.rpartition("-")[2].split("x"))
    picture = np.zeros((height, width, 3), np.uint8)
    with FileSource(film.path, paced=False, loop=False, clock=SystemClock(), stop=Stop()) as source:
        frame, letterbox = pooled(source.format), Letterbox(source.format, width, height)
        for faces in film.faces:
            capture = source.read()
            assert capture is not None
            capture.copy_into(frame)
            capture.close()
            letterbox.fill(frame, picture)
            for x, y, _, face_height in faces:
                rows = [round(y + part * face_height) for part in (0.3, 0.5, 0.7)]
                raw += [frame.luma[row, round(x) + 8 :][:LENGTH].tobytes() for row in rows]
                left, top = (
                    round(x * width / frame.format.width),
                    round((y + face_height / 2) * height / 256),
                )
                scaled.append(picture[top, left + 10 :].reshape(-1)[:LENGTH].tobytes())
    return _various(raw), _various(scaled)


def _various(rows: Iterable[bytes]) -> list[bytes]:
    return [row for row in rows if len(row) == LENGTH and len(set(row)) >= VARIETY]


def found_in(data: bytes, wanted: Iterable[bytes]) -> bool:
    return any(needle in data for needle in wanted)


def memory_of(pid: int) -> Iterator[bytes]:
    """What a process may write to, part by part."""
    with Path(f"/proc/{pid}/mem").open("rb", buffering=0) as memory:
        for line in Path(f"/proc/{pid}/maps").read_text().splitlines():
            place, rights, *_ = line.split()
            start, end = (int(number, 16) for number in place.split("-"))
            if rights.startswith("rw") and end - start < 64 << 20:
                try:
                    memory.seek(start)
                    yield memory.read(end - start)
                except (OSError, OverflowError):
                    continue


def places(running: RunningDaemon, folder: Path, since: float) -> Iterator[Path]:
    """Every file that the daemon may have written: its folder, and where temporary things and cores
    go."""
    yield from (path for path in folder.rglob("*") if path.is_file())
    pattern = Path("/proc/sys/kernel/core_pattern").read_text().strip()
    shared = [
        Path(place)
        for place in ("/tmp", "/dev/shm", "/var/tmp", "/var/crash", "/var/lib/systemd/coredump")
    ]
    if pattern.startswith("/"):
        shared.append(Path(pattern).parent)
    for place in shared:
        if place.is_dir():
            paths = [path for path in place.iterdir() if path.is_file() and not path.is_symlink()]
            yield from (path for path in paths if path.stat().st_mtime >= since)


def pictures_shared(pid: int) -> int:
    """How many areas of memory a process shares with a detector."""
    return Path(f"/proc/{pid}/maps").read_text().count("memfd:anoncam-pictures")


@pytest.fixture
def broken(film: Film, tmp_path: Path) -> Iterator[RunningDaemon]:
    folder = tmp_path / "life"
    (folder / "temporary").mkdir(parents=True)
    running = RunningDaemon(
        folder,
        recording_film(film),
        {"TMPDIR": str(folder / "temporary")},
        spoiled_by=BREAKING.format(folder=str(folder)),
    )
    yield running
    running.kill()


def test_after_all_kinds_of_deaths_no_raw_pixel_of_a_face_is_in_any_file_log_core_or_shared_memory(
    broken: RunningDaemon, film: Film, tmp_path: Path
) -> None:
    folder, pause = tmp_path / "life", threading.Event()
    since = (folder / "config.yaml").stat().st_mtime
    raw, scaled = needles(film)
    assert min(len(raw), len(scaled)) > 50
    is_well(broken)
    if os.geteuid() == 0:
        # The test of the test: these bytes are in the memory of the two processes while they work.
        pids = broken.process.pid, *broken.detectors()
        for wanted, pid in zip((raw, scaled), pids, strict=True):
            assert any(found_in(part, wanted) for _ in range(20) for part in memory_of(pid)), pid
    for number, how in enumerate((signal.SIGSEGV, signal.SIGABRT, signal.SIGKILL), 1):
        (child,) = broken.detectors()
        os.kill(child, how)
        broken.wait_for("detector-back", number)
        broken.wait_until(lambda _: len(broken.detectors()) == 1)
        assert pictures_shared(broken.process.pid) == 1
    for plan, event in (("covering", "veil-ended"), ("recording", "stage-failed")):
        before = len(broken.of(event))
        (folder / "plan.new").write_text(plan)
        (folder / "plan.new").rename(folder / "plan")
        broken.wait_for(event, before + 1)
        is_well(broken)
    pause.wait(1)
    broken.process.send_signal(signal.SIGSEGV)
    assert broken.wait() == -signal.SIGSEGV
    (folder / "log").write_text("\n".join(broken.lines))
    assert "Fatal Python error" in (folder / "log").read_text()
    looked_at = list(places(broken, folder, since))
    assert {path.suffix for path in looked_at} >= {".part", ".json", ".jsonl"}
    holding = [path for path in looked_at if found_in(path.read_bytes(), [*raw, *scaled])]
    assert holding == []
    assert not list(folder.rglob("*core*"))
    assert not list(showing(film, broken.recordings()))


def test_the_needles_are_found_in_a_file_that_holds_a_raw_frame(film: Film, tmp_path: Path) -> None:
    raw, _ = needles(film)
    with FileSource(film.path, paced=False, loop=False, clock=SystemClock(), stop=Stop()) as source:
        frame = pooled(source.format)
        for _ in range(len(film.faces) // 2):
            capture = source.read()
            assert capture is not None
            capture.copy_into(frame)
            capture.close()
    (tmp_path / "leak").write_bytes(b"before" + frame.buffer.tobytes())
    assert found_in((tmp_path / "leak").read_bytes(), raw)
