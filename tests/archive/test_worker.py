"""A process of a run holds raw pictures, so it is sealed like the others."""

from contextlib import closing
from pathlib import Path

import pytest

from anoncam.archive.local_engine import LocalEngine
from anoncam.archive.task import Stage, Task
from tests.support.archive import file_work

pytestmark = pytest.mark.integration


def test_a_process_of_many_is_sealed(tmp_path: Path) -> None:
    with closing(LocalEngine(1)) as engine:
        engine.submit(Task(Stage.OPEN, file_work(tmp_path, tmp_path / "none.mp4")))
        while not engine.wait(60):
            pass
        (pid,) = engine.pids
        limits = Path(f"/proc/{pid}/limits").read_text().splitlines()
    core = next(line for line in limits if line.startswith("Max core file size"))
    assert core.split()[4:6] == ["0", "0"]


def test_a_process_of_many_knows_no_secret_of_the_configuration(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANONCAM__SOURCE__URL", "rtsp://user:password@camera")
    with closing(LocalEngine(1)) as engine:
        engine.submit(Task(Stage.OPEN, file_work(tmp_path, tmp_path / "none.mp4")))
        while not engine.wait(60):
            pass
        (pid,) = engine.pids
        assert b"password" not in Path(f"/proc/{pid}/environ").read_bytes()


def test_its_processes_end_with_the_run(tmp_path: Path) -> None:
    with closing(LocalEngine(1)) as engine:
        engine.submit(Task(Stage.OPEN, file_work(tmp_path, tmp_path / "none.mp4")))
        (pid,) = engine.pids
        while not engine.wait(60):
            pass
    assert not Path(f"/proc/{pid}").exists()
