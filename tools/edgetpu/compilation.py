"""Takes what the compiler has made, if all of it is on the TPU, with a report of its origin."""

import hashlib
import json
import shutil
from dataclasses import asdict
from pathlib import Path

from anoncam.errors import ModelError
from tools.edgetpu.compiler_log import CompilerLog, read_log

MARK = b"edgetpu-custom-op"
"""Stands in every file with code for the Edge TPU."""


def take(source: Path, compiled: Path, log: str, folder: Path) -> Path:
    """Copy `compiled` into `folder` with a report beside it; the copy.

    Raises:
        ModelError: a part of it would run on the CPU, or there is no code for the TPU in it.
    """
    facts = read_log(log)
    if facts.problems:
        raise ModelError(
            f"{source.name} is not whole on the Edge TPU: {'; '.join(facts.problems)}",
            "for a RESIZE_BILINEAR, convert the checkpoint without enlargement: --size 320x320",
        )
    if not compiled.is_file() or MARK not in compiled.read_bytes():
        raise ModelError(f"the compiler has made nothing for the Edge TPU from {source.name}")
    folder.mkdir(parents=True, exist_ok=True)
    target = folder / f"{source.stem}_edgetpu.tflite"
    shutil.copyfile(compiled, target)
    report = json.dumps(_report(source, target, facts), indent=2)
    target.with_suffix(".report.json").write_text(f"{report}\n")
    return target


def _report(source: Path, compiled: Path, log: CompilerLog) -> dict[str, object]:
    return {
        "source": source.name,
        "source_sha256": hashlib.sha256(source.read_bytes()).hexdigest(),
        "compiled": compiled.name,
        "compiled_sha256": hashlib.sha256(compiled.read_bytes()).hexdigest(),
        "compiler": log.version,
        "operators": [asdict(row) for row in log.rows],
    }
