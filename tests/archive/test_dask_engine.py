"""Tasks on a real scheduler with three workers, one of which is killed in the middle."""

import json
import os
import pickle
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

import pytest

from anoncam.archive.dask_engine import DaskEngine
from anoncam.archive.digest import settings_digest
from anoncam.archive.engine import Engine, Event
from anoncam.archive.local_engine import LocalEngine
from anoncam.archive.manifest import Stamp, hash_of, place_name
from anoncam.archive.one_file import FileResult
from anoncam.archive.run import run
from anoncam.archive.task import RunSettings
from anoncam.archive.work_folder import Identity, WorkFolder
from anoncam.clock import Stop
from anoncam.config.schema import Config, DetectorSettings
from anoncam.errors import NotRunningError
from anoncam.stores.place import Place
from tests.archive.conftest import write_clip
from tests.support.archive import settings
from tests.support.s3_store import SECRET_KEY, s3_store

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
    with a_cluster(tmp_path) as started:
        yield started


@contextmanager
def a_cluster(tmp_path: Path) -> Iterator[Cluster]:
    """Start a scheduler with three workers."""
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
    try:
        yield Cluster(address, processes[1:], folder)
    finally:
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


def anonymized(
    clips: Sequence[Place], output: Place, engine: Engine, secret: bytes = b""
) -> list[FileResult]:
    """Run the clips; the tones of the first have the `secret`, if one is given."""
    if isinstance(output, Path):
        (output / "run").mkdir(parents=True)
    digest = settings_digest(CONFIG, keep_audio=False, rate=None)
    given: RunSettings = replace(settings(CONFIG), digest=digest)
    if secret:
        stamp = Stamp.of(clips[0])
        assert stamp is not None
        folder = WorkFolder(output / "run" / place_name(str(output / clips[0].name)))
        folder.begin(Identity(stamp.size, hash_of(clips[0]), digest))
        (folder.path / "secret").write_bytes(secret)
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


def test_three_workers_one_killed_write_to_a_store_what_one_machine_writes(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    secret = bytes(range(32))
    clips = [
        write_clip(tmp_path / "long.mp4", 130, rate=4),
        write_clip(tmp_path / "short.mp4", 4),
    ]
    with closing(LocalEngine(1)) as local:
        expected = anonymized(clips, tmp_path / "here", local, secret)
    copies = tmp_path / "copies"
    copies.mkdir()
    monkeypatch.setenv("TMPDIR", str(copies))
    with s3_store(monkeypatch) as store, a_cluster(tmp_path) as cluster:
        for clip in clips:
            (store / "in" / clip.name).upload(clip)
        with closing(DaskEngine(cluster.address)) as engine:
            watched = Watched(engine, cluster)
            sources = [store / "in" / clip.name for clip in clips]
            found = anonymized(sources, store / "out", watched, secret)
        assert cluster.workers[0].returncode == -signal.SIGKILL
        long = tmp_path / "long-there.mp4"
        (store / "out" / "long.mp4").download(long)
        assert long.read_bytes() == (tmp_path / "here" / "long.mp4").read_bytes()
        left = [str(file).removeprefix(f"{store}/out/") for file in (store / "out").files()]
        done = [file for file in left if file.startswith("run/done/")]
        assert len(done) == 2
        assert {*left} - {*done} == {"long.mp4", "short.mp4"}
        entries = (store / "out" / "run" / "done").contents()
    for one, other in zip(expected, found, strict=True):
        assert (one.frames, one.faces_covered, one.veiled, one.doubtful) == (
            other.frames,
            other.faces_covered,
            other.veiled,
            other.doubtful,
        )
        assert other.input.startswith("s3://")
        assert other.output is not None
        assert other.output.startswith("s3://")
    # Credentials are with the workers: what is sent and kept has none.
    sent = [pickle.dumps((each.task, each.outcome)) for each in watched.events]
    assert not any(SECRET_KEY.encode() in data for data in [*sent, *entries])
    assert max(map(len, sent)) < 10_000
    # A worker that was killed may leave footage here: it is covered.
    on_disk = [path for path in (*cluster.folder.rglob("*"), *copies.rglob("*")) if path.is_file()]
    large = [path for path in on_disk if path.stat().st_size > 10_000]
    assert all(path.parent.name.startswith("anoncam-") for path in large)


def test_an_address_without_a_scheduler_is_told() -> None:
    with pytest.raises(NotRunningError, match="no scheduler at tcp"):
        DaskEngine("tcp://127.0.0.1:1")
