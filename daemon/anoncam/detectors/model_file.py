"""Model files: where the shipped ones are, and what the sidecar beside each says."""

import hashlib
import json
import os
from dataclasses import dataclass, field, replace
from pathlib import Path

from anoncam.catalogue.fetched import check_content, find_fetched
from anoncam.errors import ModelError

DEFAULT_MODEL = "anoncam-face-640x384"

LARGER_MODEL = "anoncam-face-800x480"
"""What `auto` is where a camera's results come fast enough; see `anoncam.detectors.auto_model`."""

_TPU_MARK = b"edgetpu-custom-op"


@dataclass(frozen=True)
class ModelFile:
    """A detector model; `head` names the decoder of its outputs, or is empty to guess from them.

    `content` is what `sha256` was computed of, and what the runtime loads: the file itself may be
    overwritten while it is in use.
    """

    path: Path
    content: bytes = field(repr=False)
    sha256: str
    for_coral: bool
    head: str

    @property
    def name(self) -> str:
        """The name of the file, without its ending."""
        return self.path.stem


def shipped_folder() -> Path:
    """Return where the models are: in the installed package, or at the root of a checkout."""
    package = Path(__file__).parents[1]
    installed = package / "models"
    return installed if installed.is_dir() else package.parents[1] / "models"


def find(model: str) -> ModelFile:
    """Read the model that a setting names: a path, a shipped or fetched model's name, or `auto`.

    Raises:
        ModelError: there is no such file, it is not a TFLite model, or it is not the one of its
            name in the catalogue.
    """
    path = _path(DEFAULT_MODEL if model == "auto" else model)
    try:
        content = path.read_bytes()
    except OSError as error:
        known = ", ".join(sorted(file.stem for file in shipped_folder().glob("*.tflite"))) or "none"
        raise ModelError(
            f"cannot read model {path}: {error.strerror}",
            f"shipped models: {known}; others: anoncam model list",
        ) from error
    check_content(path, content)
    if content[4:8] != b"TFL3":
        raise ModelError(
            f"{path} is not a TFLite model", "give a .tflite file with a face detector"
        )
    return ModelFile(
        path, content, hashlib.sha256(content).hexdigest(), _TPU_MARK in content, _read_head(path)
    )


def _path(name: str) -> Path:
    path = Path(name)
    if path.suffix == ".tflite":
        return path
    shipped = shipped_folder() / f"{name}.tflite"
    return shipped if shipped.exists() else find_fetched(name, os.environ) or shipped


def coral_twin(model: ModelFile) -> ModelFile | None:
    """Find the same model compiled for the Edge TPU, under the name that its compiler gives it.

    It lies beside the model, or where fetched models are kept; its outputs are those of the model.
    """
    name = f"{model.path.stem}_edgetpu"
    beside = model.path.with_name(f"{name}.tflite")
    twin = beside if beside.exists() else find_fetched(name, os.environ)
    return replace(find(str(twin)), head=model.head) if twin else None


def cpu_twin(model: ModelFile) -> ModelFile | None:
    """Find the model that a compiled one was made of, in the same folder."""
    twin = model.path.with_name(f"{model.path.stem.removesuffix('_edgetpu')}.tflite")
    return find(str(twin)) if twin != model.path and twin.exists() else None


def _read_head(path: Path) -> str:
    sidecar = path.with_name(f"{path.stem.removesuffix('_edgetpu')}.json")
    if not sidecar.exists():
        return ""
    try:
        return str(json.loads(sidecar.read_text())["head"])
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise ModelError(
            f"cannot read the head layout of {path} in {sidecar}", 'it needs {"head": "yunet"}'
        ) from error
