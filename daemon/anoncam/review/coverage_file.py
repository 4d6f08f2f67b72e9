"""Reads and writes coverage files. One that is read is a stranger's: nothing of it is trusted."""

import hashlib
import stat
from pathlib import Path

from pydantic import ValidationError

from anoncam.errors import CoverageFileError
from anoncam.recording.whole_file import WholeFile
from anoncam.review.document import CoverageDocument

LARGEST = 256 * 2**20
"""Bytes of a file that is read: about ten hours of three faces."""

SHOWN = 5
"""Errors that are told at once."""


def read_document(path: Path) -> CoverageDocument:
    """The coverage that the file holds.

    Raises:
        CoverageFileError: it cannot be read, or is not valid; each error comes with its place.
    """
    data = read_bounded(path)
    try:
        return CoverageDocument.model_validate_json(data)
    except ValidationError as error:
        raise CoverageFileError(f"{path} cannot be used: {explain(error)}") from error


def read_bounded(path: Path) -> bytes:
    """The content of a file that is no larger than `LARGEST`.

    Raises:
        CoverageFileError: it is larger, is no file, or cannot be read.
    """
    try:
        if not stat.S_ISREG(path.stat().st_mode):
            raise CoverageFileError(f"{path} is not a file")
        with path.open("rb") as file:
            data = file.read(LARGEST + 1)
    except OSError as error:
        if isinstance(error, CoverageFileError):
            raise
        raise CoverageFileError(f"{path} cannot be read: {error.strerror}") from error
    if len(data) > LARGEST:
        raise CoverageFileError(f"{path} is larger than {LARGEST // 2**20} MiB")
    return data


def write_document(document: CoverageDocument, output: WholeFile) -> None:
    """Write the file, which appears when it is complete.

    Raises:
        CoverageFileError: it would be too large to be read again.
        StorageError: the disk failed, or the name is taken.
    """
    data = document.model_dump_json().encode()
    if len(data) > LARGEST:
        raise CoverageFileError(
            f"{output.path} would be larger than {LARGEST // 2**20} MiB", "cut the video in parts"
        )
    write_whole(data, output)


def write_whole(data: bytes, output: WholeFile) -> None:
    """Write a file that appears when it is complete.

    Raises:
        StorageError: the disk failed, or the name is taken.
    """
    try:
        output.write(data)
        output.commit()
    finally:
        output.abort()


def hash_file(path: Path) -> str:
    """The SHA-256 of a file, in hexadecimal."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def explain(error: ValidationError) -> str:
    """What is wrong, each with its place: ``tracks[3].spans[0]: keys[2] ends before it begins``."""
    problems = [
        ": ".join(filter(None, (_place(each["loc"]), each["msg"])))
        for each in error.errors(include_url=False, include_context=False, include_input=False)
    ]
    further = f"; and {len(problems) - SHOWN} more" if len(problems) > SHOWN else ""
    return "; ".join(problems[:SHOWN]) + further


def _place(location: tuple[int | str, ...]) -> str:
    parts = (f"[{part}]" if isinstance(part, int) else f".{part}" for part in location)
    return "".join(parts).removeprefix(".")
