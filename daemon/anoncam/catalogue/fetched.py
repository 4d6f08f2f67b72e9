"""Models that have been fetched: found by name, and compared with the catalogue before use."""

import json
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

from anoncam.catalogue.catalogue import Entry, blob_hash, entries
from anoncam.catalogue.folders import folders_to_read, make
from anoncam.errors import ModelError, StorageError
from anoncam.files.file_system_calls import sync_file, sync_folder


def find_fetched(name: str, environment: Mapping[str, str]) -> Path | None:
    """The .tflite file of a fetched model, or None."""
    for folder in folders_to_read(environment):
        path = folder / f"{name}.tflite"
        if path.is_file():
            return path
    return None


def missing_files(entry: Entry, environment: Mapping[str, str]) -> tuple[str, ...]:
    """The names of the files of a model that are not on this machine."""
    return tuple(
        file.name
        for file in entry.files
        if find_fetched(file.name.removesuffix(".tflite"), environment) is None
    )


def check_content(path: Path, content: bytes) -> None:
    """Compare a file that lies in a folder of fetched models with the catalogue.

    Raises:
        ModelError: it bears the name of a file of the catalogue, and is another one.
    """
    if path.parent not in folders_to_read(os.environ):
        return
    for entry in entries():
        for file in entry.files:
            if file.name == path.name and blob_hash(content) != file.blob:
                raise ModelError(
                    f"{path} is damaged: its hash is not that of the catalogue",
                    f"fetch it again: anoncam model fetch {entry.name}",
                )


def put(entry: Entry, contents: Mapping[str, bytes], folder: Path) -> Path:
    """Write the verified files of a model and their sidecar into `folder`; the folder.

    Raises:
        ModelError: the hash of one is not that of the catalogue; nothing is written then.
        StorageError: the folder cannot be written.
    """
    for file in entry.files:
        if blob_hash(contents[file.name]) != file.blob:
            raise ModelError(
                f"what came for {file.name} is another file: its hash in git is"
                f" {blob_hash(contents[file.name])}, and must be {file.blob}",
                "try again; if it repeats, somebody has changed it on the way",
            )
    sidecar = json.dumps({"head": entry.head, "license": entry.licence, "origin": entry.origin})
    written = {f"{entry.name}.json": sidecar.encode(), **contents}
    try:
        make(folder)
        _write_whole(folder, written.items())
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be written: {error.strerror}", "use sudo, or free the disk"
        ) from error
    return folder


def _write_whole(folder: Path, contents: Iterable[tuple[str, bytes]]) -> None:
    """Write files that are whole at any instant, the sidecar before the models."""
    for name, content in contents:
        part = folder / f".{name}.new"
        with part.open("wb") as file:
            file.write(content)
            file.flush()
            sync_file(file.fileno(), part)
        part.chmod(0o644)
        part.replace(folder / name)
    sync_folder(folder)
