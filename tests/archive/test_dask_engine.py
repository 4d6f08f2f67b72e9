"""Tasks on a real scheduler with three workers, one of which is killed in the middle."""

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from anoncam.archive.dask_engine import DaskEngine
from anoncam.archive.digest import settings_digest
from anoncam.archive.engine import Engine, Event
from anoncam.archive.local_engine import LocalEngine
from anoncam.archive.one_file import FileResult
from anoncam.archive.run import run
from anoncam.archive.task import RunSettings
from anoncam.clock import Stop
from anoncam.config.schema import Config, DetectorSettings
from anoncam.errors import NotRunningError
from tests.archive.conftest import write_clip
from tests.support.archive import settings

Client = pytest.importorskip("distributed").Client
pytestmark = pytest.mark.integration

CONFIG = Config(detector=DetectorSettings(model="anoncam-face-320x320"))


@dataclass
class Cluster:
    """A scheduler, its address, and its workers, whose files are in `folder`."""

    address: str
    workers: list[subprocess.Popen[bytes]]
    folder: Path


def start(name: str, *arguments: str | Path) -> subprocess.Popen[bytes]:
    """Start a part of Dask."""
    return subprocess.Popen(
        [sys.executable, "-m", f"distributed.cli.{name}", *map(str, arguments)],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "DASK_DISTRIBUTED__WORKER__MEMORY__SPILL": "false"},
    )


@pytest.fixture
def cluster(tmp_path: Path) -> Iterator[Cluster]:
    local = ("--host", "127.0.0.1", "--no-dashboard")
    file, folder = tmp_path / "scheduler.json", tmp_path / "local"
    processes = [start("dask_scheduler", *local, "--port", "0", "--scheduler-file", file)]
    while not (file.exists() and file.read_text().endswith("}")):
        assert processes[0].poll() is None
    address = json.loads(file.read_text())["address"]
    alone = ("--nthreads", "1", "--no-nanny", "--local-directory", folder)
    processes += [start("dask_worker", address, *local, *alone) for _ in range(3)]
    with Client(address, set_as_default=False) as client:
        client.wait_for_workers(3)
    yield Cluster(address, processes[1:], folder)
    for process in processes:
        process.kill()
        process.wait()


class Watched:
    """An engine whose events are kept; `meanwhile` is called with each task that is submitted."""

    def __init__(self, engine: DaskEngine, cluster: Cluster) -> None:
        self._engine = engine
        self._cluster = cluster
        self.events: list[Event] = []
        self.submit, self.drop = engine.submit, engine.drop
        self.stop, self.close = engine.stop, engine.close

    @property
    def is_idle(self) -> bool:
        return self._engine.is_idle

    def wait(self, timeout: float) -> list[Event]:
        events = self._engine.wait(timeout)
        self.events += events
        if self._cluster.workers[0].poll() is None:
            # Work is on its way on all three.
            busy = self._engine._client.processing()
            pids = self._engine._client.run(os.getpid)
            mine = [where for where, pid in pids.items() if pid == self._cluster.workers[0].pid]
            if any(busy.get(where) for where in mine) and self.events:
                self._cluster.workers[0].send_signal(signal.SIGKILL)
                self._cluster.workers[0].wait()
        return events


def anonymized(clips: list[Path], output: Path, engine: Engine) -> list[FileResult]:
    output.mkdir()
    digest = settings_digest(CONFIG, keep_audio=False, rate=None)
    (output / "run").mkdir()
    given: RunSettings = replace(settings(CONFIG), digest=digest)
    results, code = run(
        [(clip, output / clip.name) for clip in clips],
        output / "run",
        given,
        engine,
        Stop(),
        lambda _standing: None,
        lambda _result: None,
    )
    assert code == 0, results
    return results


def test_three_workers_one_killed_give_what_one_machine_gives(
    cluster: Cluster, tmp_path: Path
) -> None:
    clips = [
        write_clip(tmp_path / "long.mp4", 130, rate=4),
        write_clip(tmp_path / "short.mp4", 4),
        write_clip(tmp_path / "other.mp4", 4),
    ]
    with closing(LocalEngine(1)) as local:
        expected = anonymized(clips, tmp_path / "here", local)
    with closing(DaskEngine(cluster.address)) as engine:
        assert engine.workers == 3
        watched = Watched(engine, cluster)
        found = anonymized(clips, tmp_path / "there", watched)
    assert cluster.workers[0].returncode == -signal.SIGKILL
    for one, other in zip(expected, found, strict=True):
        assert (one.frames, one.faces_covered, one.veiled) == (
            other.frames,
            other.faces_covered,
            other.veiled,
        )
        assert one.doubtful == other.doubtful
    assert found[0].frames == 520
    # No pixel comes back: what comes is smaller than a single row of the pictures of all chunks.
    assert max(len(pickle.dumps(each.outcome)) for each in watched.events) < 10_000
    spilled = [path for path in cluster.folder.rglob("*") if path.is_file()]
    assert sum(path.stat().st_size for path in spilled) < 10_000


def test_an_address_without_a_scheduler_is_told() -> None:
    with pytest.raises(NotRunningError, match="no scheduler at tcp"):
        DaskEngine("tcp://127.0.0.1:1")
