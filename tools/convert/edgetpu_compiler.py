"""Google's `edgetpu_compiler`, and what its log reports."""

import re
import shutil
import subprocess
from pathlib import Path

from anoncam.errors import ModelError

INSTRUCTIONS = """edgetpu_compiler is not on PATH, so nothing was compiled. It runs on x86-64 Linux.
In a container:
  docker run --rm -v "$PWD:/work" -w /work debian:bookworm bash -c '
    apt-get update && apt-get install -y curl gnupg &&
    apt=https://packages.cloud.google.com/apt && etc=/etc/apt &&
    curl $apt/doc/apt-key.gpg | gpg --dearmor > $etc/trusted.gpg.d/coral.gpg &&
    echo "deb $apt coral-edgetpu-stable main" > $etc/sources.list.d/coral.list &&
    apt-get update && apt-get install -y edgetpu-compiler && edgetpu_compiler MODEL.tflite'"""
"""What a user reads where the compiler is missing."""


def compile_for_tpu(path: Path, output: Path) -> Path:
    """Run `edgetpu_compiler`, and return the file that it made.

    Raises:
        ModelError: it is missing or failed, or its log names an operator that stays on the CPU.
    """
    if shutil.which("edgetpu_compiler") is None:
        raise ModelError(INSTRUCTIONS)
    command = ["edgetpu_compiler", "--show_operations", "--out_dir", str(output), str(path)]
    result = subprocess.run(command, capture_output=True, text=True, check=False)
    log = result.stdout + result.stderr
    if result.returncode != 0:
        raise ModelError(f"edgetpu_compiler failed:\n{log}")
    if unmapped := unmapped_operators(log):
        raise ModelError(
            f"edgetpu_compiler left operators on the CPU: {', '.join(unmapped)}",
            "for a RESIZE_BILINEAR, convert the checkpoint without enlargement: --size 320x320",
        )
    return output / f"{path.stem}_edgetpu.tflite"


def unmapped_operators(log: str) -> list[str]:
    """Find the operators that stay on the CPU according to the compiler's log.

    Raises:
        ModelError: the log does not report what was mapped.
    """
    on_cpu = re.search(r"Number of operations that will run on CPU: (\d+)", log)
    rows = re.findall(r"^([A-Z0-9_]+)\s+(\d+)\s+(\S.*)$", log, re.MULTILINE)
    if on_cpu is None and not rows:
        raise ModelError(f"the log of edgetpu_compiler does not report what was mapped:\n{log}")
    left = [
        f"{count} {name}: {status.strip()}"
        for name, count, status in rows
        if "Mapped to Edge TPU" not in status
    ]
    return left or ([f"{on_cpu[1]} operators"] if on_cpu and on_cpu[1] != "0" else [])
