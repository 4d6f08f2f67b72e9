"""The work of ``anoncam model check``."""

import contextlib
from pathlib import Path

from anoncam.catalogue.catalogue import blob_hash, entries
from anoncam.cli.output import show, show_json
from anoncam.config.schema import DetectorSettings
from anoncam.detectors import model_file
from anoncam.detectors.model_file import ModelFile
from anoncam.detectors.process.detector_process import DetectorProcess
from anoncam.detectors.tflite.inspection import Inspection, inspect
from anoncam.errors import ModelError


def check_file(file: Path, *, as_json: bool) -> None:
    """Print what a model file is.

    Raises:
        ModelError: it cannot be used, or a part of a compiled one would run on the CPU.
    """
    found = model_file.find(str(file))
    facts = inspect(found)
    known = _known(found)
    runtime = "" if facts.compiled else _try_on_cpu(found.path)
    if as_json:
        report = {
            "file": str(found.path),
            "sha256": found.sha256,
            "blob": blob_hash(found.content),
            "catalogue": known or None,
            "input": facts.input_size,
            "dtype": facts.dtype,
            "compiled": facts.compiled,
            "left_on_cpu": facts.left_on_cpu,
        }
        show_json(report)
    else:
        show(f"file      {found.path}, sha256 {found.sha256}")
        show(f"known as  {known or 'nothing: it is not in the catalogue'}")
        show(f"input     {facts.input_size[0]}x{facts.input_size[1]}, {facts.dtype}")
        show(f"Edge TPU  {_mapping(facts)}")
        if runtime:
            show(f"detector  works on the CPU with {runtime}")
    if facts.left_on_cpu:
        raise ModelError(
            f"{found.path} is not whole on the Edge TPU: {len(facts.left_on_cpu)} of its"
            f" {len(facts.operators)} operators run on the CPU, {facts.left_on_cpu[0]} first",
            "compile a model without that operator",
        )


def _known(model: ModelFile) -> str:
    blob = blob_hash(model.content)
    for entry in entries():
        for file in entry.files:
            if file.blob == blob:
                return f"{file.name} of {entry.name}, unchanged"
        if not entry.files and model_file.find(entry.name).sha256 == model.sha256:
            return f"{entry.name}, which comes with anoncam"
    return ""


def _mapping(facts: Inspection) -> str:
    if not facts.compiled:
        return "not compiled for it: a Coral is not used"
    return "a part is left on the CPU" if facts.left_on_cpu else "all of it is compiled for it"


def _try_on_cpu(path: Path) -> str:
    """Load it as the daemon does; the runtime that took it."""
    settings = DetectorSettings(model=str(path), device="cpu")
    with contextlib.closing(DetectorProcess(settings, 0.5)) as detector:
        return detector.info.runtime
