"""Fetches a model of the catalogue: from the network, or from files that somebody has brought."""

import functools
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from anoncam.catalogue.catalogue import CatalogueFile, Entry, blob_hash
from anoncam.catalogue.download import LARGEST, download
from anoncam.catalogue.fetched import put
from anoncam.catalogue.folders import make
from anoncam.errors import DownloadError, InputError, ModelError, StorageError

Report = Callable[[str, int, int | None], None]
"""Called with the name of a file, its bytes so far, and all its bytes where they are known."""


def fetch(entry: Entry, folder: Path, report: Report) -> Path:
    """Download the files of `entry` into `folder`, which is returned; each is verified first.

    Raises:
        DownloadError: one cannot be downloaded; what has come is kept for the next try.
        ModelError: one is not the file of the catalogue; what has come is deleted.
        StorageError: the folder cannot be written.
    """
    contents = {}
    parts = {file.name: folder / f".{file.name}.part" for file in entry.files}
    try:
        make(folder)
        for file in entry.files:
            contents[file.name] = download(
                file.address,
                parts[file.name],
                functools.partial(report, file.name),
            )
        installed = put(entry, contents, folder)
    except ModelError:
        _delete(parts.values())
        raise
    except (DownloadError, StorageError):
        raise
    except OSError as error:
        raise StorageError(
            f"{folder} cannot be written: {error.strerror}", "use sudo, or free the disk"
        ) from error
    _delete(parts.values())
    return installed


def take(entry: Entry, sources: Iterable[Path], folder: Path) -> Path:
    """The same from files or folders of this machine; what they are called does not matter.

    Raises:
        InputError: a source cannot be read.
        ModelError: a file of the model is not among them.
        StorageError: the folder cannot be written.
    """
    wanted = {file.blob: file for file in entry.files}
    contents: dict[str, bytes] = {}
    for path in _files(sources):
        try:
            content = path.read_bytes() if path.stat().st_size <= LARGEST else b""
        except OSError as error:
            raise InputError(f"{path} cannot be read: {error.strerror}") from error
        file = wanted.get(blob_hash(content))
        if file is not None:
            contents[file.name] = content
    missing = [file for file in entry.files if file.name not in contents]
    if missing:
        raise ModelError(
            f"no file that was given has the hash of {' and '.join(map(_described, missing))}",
            "anoncam model list shows where they are from",
        )
    return put(entry, contents, folder)


def _files(sources: Iterable[Path]) -> Iterator[Path]:
    for source in sources:
        if source.is_dir():
            yield from sorted(path for path in source.iterdir() if path.suffix == ".tflite")
        else:
            yield source


def _described(file: CatalogueFile) -> str:
    return f"{file.name} ({file.blob})"


def _delete(parts: Iterable[Path]) -> None:
    for part in parts:
        part.unlink(missing_ok=True)
