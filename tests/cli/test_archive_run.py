"""`anoncam anonymize` on many files: it goes on where it was ended, and does nothing twice."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path

import pytest

from anoncam.errors import StorageError
from tests.archive.conftest import write_clip
from tests.support.running import anoncam

pytestmark = pytest.mark.integration

SMALL = {"ANONCAM__DETECTOR__MODEL": "anoncam-face-320x320"}


def results(source: Path, output: Path, *options: str) -> tuple[int, list[dict[str, object]]]:
    ended = anoncam(
        "anonymize", source, "-o", output, "--json", "--jobs", "2", *options, environment=SMALL
    )
    assert "Traceback" not in ended.stderr, ended.stderr
    return ended.returncode, json.loads(ended.stdout or "[]")


@pytest.fixture
def drawer(tmp_path: Path) -> Path:
    """A folder with three short clips."""
    folder = tmp_path / "in"
    folder.mkdir()
    for number in range(3):
        write_clip(folder / f"{number}.mp4", 1 + number)
    return folder


def test_what_is_done_is_not_done_again_and_what_has_changed_is(drawer: Path) -> None:
    output = drawer.with_name("out")
    code, first = results(drawer, output)
    assert code == 0
    assert [each["frames"] for each in first] == [10, 20, 30]
    stamps = {path.name: path.stat().st_mtime_ns for path in output.iterdir()}
    code, second = results(drawer, output)
    assert (code, second) == (0, first)
    assert {path.name: path.stat().st_mtime_ns for path in output.iterdir()} == stamps
    write_clip(drawer / "1.mp4", 3)
    (output / "2.mp4").unlink()
    code, third = results(drawer, output)
    assert code == 0
    assert [each["frames"] for each in third] == [10, 30, 30]
    now = {path.name: path.stat().st_mtime_ns for path in output.iterdir()}
    assert {name for name in now if now[name] != stamps[name]} == {"1.mp4", "2.mp4"}


def test_one_long_file_leaves_what_is_known_of_the_others_and_their_work(drawer: Path) -> None:
    output = drawer.with_name("out")
    folder = output.with_name("out.anoncam")
    code, first = results(drawer, output)
    assert code == 0
    half_done = folder / "0123456789abcdef"
    half_done.mkdir()
    code, _ = results(write_clip(drawer.with_name("long.mp4"), 130, rate=2), output)
    assert code == 0
    assert sorted(path.name for path in folder.iterdir()) == sorted(
        [half_done.name, "manifest.jsonl", "report.csv", "report.json"]
    )
    assert results(drawer, output) == (0, first)


def test_an_output_that_is_not_ours_is_not_overwritten(drawer: Path) -> None:
    output = drawer.with_name("out")
    output.mkdir()
    (output / "1.mp4").write_bytes(b"mine")
    code, found = results(drawer, output)
    assert code == StorageError.exit_code
    assert [bool(each["error"]) for each in found] == [False, True, False]
    assert (output / "1.mp4").read_bytes() == b"mine"
    code, found = results(drawer, output, "--force")
    assert code == 0
    assert (output / "1.mp4").stat().st_size > 100


def test_the_report_and_the_memory_of_the_jobs_are_told(drawer: Path) -> None:
    output = drawer.with_name("out")
    (drawer / "broken.mp4").write_bytes(b"\0" * 1000)
    ended = anoncam("anonymize", drawer, "-o", output, "--jobs", "2", environment=SMALL)
    assert ended.returncode == 3
    assert "2 jobs side by side, each with up to" in ended.stderr
    table = output.with_name("out.anoncam") / "report.csv"
    assert f"report: {table}" in ended.stdout
    rows = table.read_text().splitlines()
    assert len(rows) == 5
    assert "broken.mp4" in rows[-1]


def test_a_long_file_that_is_killed_half_way_goes_on_and_leaves_nothing(tmp_path: Path) -> None:
    source, output = write_clip(tmp_path / "in.mp4", 130, rate=5), tmp_path / "out.mp4"
    command = [sys.executable, "-m", "anoncam", "anonymize", source, "-o", output, "--jobs", "1"]
    running = subprocess.Popen(
        [*map(str, command)], env={**os.environ, **SMALL}, stderr=subprocess.DEVNULL
    )
    work = tmp_path / "out.mp4.anoncam"
    while not list(work.glob("*/seen-00000.json")):
        assert running.poll() is None
    running.send_signal(signal.SIGKILL)
    running.wait()
    (seen,) = work.glob("*/seen-00000.json")
    before = seen.stat().st_mtime_ns
    # The second run shows what it kept before it is done.
    running = subprocess.Popen(
        [*map(str, command)], env={**os.environ, **SMALL}, stderr=subprocess.DEVNULL
    )
    kept = before
    while running.poll() is None:
        try:
            kept = seen.stat().st_mtime_ns
        except FileNotFoundError:
            continue
    assert running.returncode == 0
    assert kept == before
    assert sorted(path.name for path in tmp_path.iterdir()) == ["in.mp4", "out.mp4"]
    code, again = results(source, tmp_path / "again.mp4")
    assert code == 0
    assert again[0]["frames"] == 650


def test_ctrl_c_ends_cleanly_and_the_same_command_goes_on(drawer: Path) -> None:
    write_clip(drawer / "3.mp4", 60)
    output = drawer.with_name("out")
    command = [sys.executable, "-m", "anoncam", "anonymize", drawer, "-o", output, "--jobs", "1"]
    running = subprocess.Popen(
        [*map(str, command)],
        env={**os.environ, **SMALL},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
    while not (output / "0.mp4").exists():
        assert running.poll() is None
    running.send_signal(signal.SIGINT)
    stdout, stderr = running.communicate(timeout=60)
    assert running.returncode == 130, stderr
    assert "Traceback" not in stderr
    assert "the command ended before it" in stdout
    assert f"not done {drawer / '3.mp4'}: " in stdout
    assert "0 refused" in stdout.splitlines()[-1]
    assert "the same command goes on" in stdout.splitlines()[-1]
    report = json.loads((output.with_name("out.anoncam") / "report.json").read_text())
    assert report[0]["unfinished"] is False
    assert report[-1]["unfinished"] is True
    assert [path.name for path in output.iterdir() if path.name.startswith(".")] == []
    stamp = (output / "0.mp4").stat().st_mtime_ns
    code, found = results(drawer, output)
    assert code == 0
    assert len(found) == 4
    assert (output / "0.mp4").stat().st_mtime_ns == stamp


@pytest.mark.parametrize(("name", "why"), [("out.mp4", "exists"), ("out.avi", "end it in")])
def test_a_long_file_that_could_not_be_written_in_the_end_is_refused_at_once(
    tmp_path: Path, name: str, why: str
) -> None:
    source, output = write_clip(tmp_path / "in.mp4", 130, rate=2), tmp_path / name
    output.write_bytes(b"mine")
    code, found = results(source, output)
    assert code == StorageError.exit_code
    assert why in str(found[0]["error"])
    assert output.read_bytes() == b"mine"
    assert not list((tmp_path / f"{name}.anoncam").glob("*/seen-*"))


def test_a_long_file_that_is_damaged_is_read_as_a_whole_up_to_its_end(tmp_path: Path) -> None:
    source, output = write_clip(tmp_path / "in.mp4", 130, rate=2), tmp_path / "out.mp4"
    data = bytearray(source.read_bytes())
    middle = len(data) // 2
    data[middle : middle + 3000] = bytes(3000)
    source.write_bytes(data)
    code, found = results(source, output)
    assert code == 3
    assert "damaged" in str(found[0]["error"])
    assert found[0]["output"] == str(output)
    assert output.exists()
    assert not list(tmp_path.glob("out.mp4.anoncam/*/part-*"))
