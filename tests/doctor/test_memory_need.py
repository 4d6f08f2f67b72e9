from pathlib import Path

import pytest

from anoncam.config.folders import Folders
from anoncam.config.schema import Config
from anoncam.doctor import memory_need
from anoncam.doctor.check import Finding, Installation, Machine, Verdict

LARGE = {"width": 3840, "height": 2160}


def found(root: Path, **source: object) -> Finding:
    config = Config.model_validate({"source": source})
    installation = Installation(config, Folders(root / "state", root / "run"), {}, Machine(root))
    (finding,) = memory_need.check(installation)
    return finding


def machine_with(root: Path, *, megabytes: int, swap: bool = False, limit: str = "max") -> None:
    for path, text in {
        "proc/meminfo": f"MemTotal: {megabytes * 1024} kB\nMemFree: 1 kB\n",
        "proc/swaps": "Filename Type\n" + ("/var/swap file\n" if swap else ""),
        "sys/fs/cgroup/memory.max": limit,
    }.items():
        file = root / path
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text)


def test_a_4k_camera_on_a_small_machine_is_a_problem_that_names_the_keys(tmp_path: Path) -> None:
    machine_with(tmp_path, megabytes=512)
    finding = found(tmp_path, **LARGE)
    assert finding.verdict is Verdict.PROBLEM
    assert finding.what == "recording 3840x2160 needs about 595 MB, 286 MB of it locked"
    assert finding.cause == "this machine has 537 MB"
    assert finding.remedy == "lower source.width, source.height, source.fps or coverage.look_ahead"


def test_the_default_fits_a_small_machine_and_4k_a_larger_one(tmp_path: Path) -> None:
    machine_with(tmp_path, megabytes=512)
    assert found(tmp_path).verdict is Verdict.OK
    machine_with(tmp_path, megabytes=2048)
    assert found(tmp_path, **LARGE).verdict is Verdict.OK


def test_the_limit_of_a_container_counts(tmp_path: Path) -> None:
    machine_with(tmp_path, megabytes=16384, limit="536870912")
    assert found(tmp_path, **LARGE).verdict is Verdict.PROBLEM


def test_a_machine_that_hides_its_memory_is_no_problem(tmp_path: Path) -> None:
    assert found(tmp_path, **LARGE).verdict is Verdict.OK


@pytest.mark.parametrize(("swap", "verdict"), [(True, Verdict.NOTE), (False, Verdict.OK)])
def test_a_limit_on_locked_memory_is_noted_where_there_is_swap(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, swap: bool, verdict: Verdict
) -> None:
    machine_with(tmp_path, megabytes=4096, swap=swap)
    monkeypatch.setattr(memory_need, "lockable_memory", lambda: 8e6)
    finding = found(tmp_path, **LARGE)
    assert finding.verdict is verdict
    assert ("this user may lock 8 MB" in finding.what) is swap


def test_the_size_of_a_network_camera_is_not_guessed(tmp_path: Path) -> None:
    finding = found(tmp_path, type="rtsp", address="rtsp://camera/1")
    assert finding.verdict is Verdict.NOTE
