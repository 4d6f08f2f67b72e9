"""From what the compiler has made to a file that is whole on the TPU, or to nothing."""

import hashlib
import json
import os
import shutil
import subprocess
from pathlib import Path

import pytest

from anoncam.errors import ModelError
from tests.support.checkout import ROOT
from tools.edgetpu.compilation import MARK, take

LOGS = Path(__file__).parent / "logs"
WHOLE = (LOGS / "whole-16.txt").read_text()


@pytest.fixture
def source(tmp_path: Path) -> Path:
    path = tmp_path / "face.tflite"
    path.write_bytes(b"\0\0\0\0TFL3 the model")
    return path


@pytest.fixture
def compiled(tmp_path: Path) -> Path:
    path = tmp_path / "made.tflite"
    path.write_bytes(b"\0\0\0\0TFL3" + MARK)
    return path


def test_a_whole_file_is_taken_with_the_hash_of_its_source(
    source: Path, compiled: Path, tmp_path: Path
) -> None:
    made = take(source, compiled, WHOLE, tmp_path / "out")
    assert made == tmp_path / "out" / "face_edgetpu.tflite"
    assert made.read_bytes() == compiled.read_bytes()
    report = json.loads((tmp_path / "out" / "face_edgetpu.report.json").read_text())
    assert report["source_sha256"] == hashlib.sha256(source.read_bytes()).hexdigest()
    assert report["compiler"] == "16.0.384591198"
    assert sum(row["count"] for row in report["operators"]) == 31


def test_a_file_that_is_not_whole_is_refused_and_nothing_is_written(
    source: Path, compiled: Path, tmp_path: Path
) -> None:
    with pytest.raises(ModelError, match=r"not whole on the Edge TPU: 1 RESHAPE"):
        take(source, compiled, (LOGS / "left-on-cpu-16.txt").read_text(), tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_a_file_without_code_for_the_tpu_is_refused(source: Path, tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="made nothing for the Edge TPU"):
        take(source, source, WHOLE, tmp_path / "out")


ENGINE = """#!/bin/sh
echo "$@" >>"$CALLS"
[ "$1" = run ] || exit 0
for argument; do
    case $argument in *:/compiled) compiled=${argument%:/compiled} ;; esac
done
printf '\\0\\0\\0\\0TFL3edgetpu-custom-op' >"$compiled/face_edgetpu.tflite"
cat "$LOG"
"""


def run_script(
    source: Path, folder: Path, log: str
) -> tuple[subprocess.CompletedProcess[str], str]:
    """Run `tools/edgetpu/compile` with an engine that only writes down how it is called."""
    programs = folder / "bin"
    programs.mkdir()
    (programs / "podman").write_text(ENGINE)
    (programs / "podman").chmod(0o755)
    environment = {
        "PATH": f"{programs}:{os.environ['PATH']}",
        "CALLS": str(folder / "calls"),
        "LOG": str(LOGS / log),
    }
    done = subprocess.run(
        [ROOT / "tools/edgetpu/compile", source, folder / "out"],
        env=environment,
        capture_output=True,
        text=True,
        check=False,
    )
    return done, (folder / "calls").read_text()


@pytest.mark.integration
def test_the_script_compiles_without_network_and_privileges(source: Path, tmp_path: Path) -> None:
    done, calls = run_script(source, tmp_path, "whole-16.txt")
    assert done.returncode == 0, done.stderr
    assert "every operator is on the Edge TPU" in done.stdout
    assert (tmp_path / "out" / "face_edgetpu.report.json").exists()
    build, run = calls.splitlines()
    assert build.startswith("build --platform linux/amd64 ")
    assert "--network none --read-only --cap-drop all" in run
    assert "--show_operations" in run


@pytest.mark.integration
def test_the_script_fails_where_a_part_is_left_on_the_cpu(source: Path, tmp_path: Path) -> None:
    done, _ = run_script(source, tmp_path, "left-on-cpu-16.txt")
    assert done.returncode == 1
    assert "compile: face.tflite is not whole on the Edge TPU" in done.stderr
    assert not (tmp_path / "out").exists()


def test_the_container_trusts_googles_key_for_googles_archive_alone() -> None:
    recipe = (ROOT / "tools/edgetpu/Containerfile").read_text()
    instructions = "\n".join(line for line in recipe.splitlines() if not line.startswith("#"))
    assert "apt-key add" not in instructions
    assert "trusted.gpg" not in instructions
    assert "Signed-By: /usr/share/keyrings/coral-edgetpu.gpg" in instructions
    assert "Suites: coral-edgetpu-stable" in instructions
    assert "FROM docker.io/library/debian:" in instructions


@pytest.mark.skipif(shutil.which("shellcheck") is None, reason="shellcheck is not installed")
def test_the_script_is_clean() -> None:
    subprocess.run(["shellcheck", ROOT / "tools/edgetpu/compile"], check=True)
