"""A catalogue with one model, which a server on this machine has."""

from pathlib import Path

import pytest

from anoncam.catalogue.catalogue import CatalogueFile, Entry, blob_hash
from tests.support.tiny_models import ssd_model

NAME = "tiny-face"


def tiny_entry(address: str, content: bytes | None = None) -> tuple[Entry, dict[str, bytes]]:
    """A model with two files, and what a server at `address` must have for it, by path."""
    plain = content or ssd_model(most=20)
    contents = {f"{NAME}_edgetpu.tflite": plain + b"edgetpu-custom-op", f"{NAME}.tflite": plain}
    files = tuple(
        CatalogueFile(name, f"{address}/{name}", blob_hash(each)) for name, each in contents.items()
    )
    entry = Entry(
        NAME,
        "a model for tests",
        "8x8",
        "coral",
        "Apache-2.0",
        "nothing",
        "it is tiny",
        head="ssd",
        files=files,
    )
    return entry, {f"/{name}": each for name, each in contents.items()}


def at_home(folder: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Have fetched models be kept below `folder`, and no proxy in the way; where they are kept."""
    monkeypatch.setenv("XDG_DATA_HOME", str(folder))
    for name in ("http_proxy", "https_proxy", "all_proxy", "no_proxy"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.upper(), raising=False)
    return folder / "anoncam" / "models"
