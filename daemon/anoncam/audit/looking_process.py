"""Looks for further pictures in a confined process: the parent's side."""

import os
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

from pydantic import Field

from anoncam.audit.embedded_files import Embedded
from anoncam.config.schema import FilesSettings
from anoncam.errors import InputError
from anoncam.sources.libav.open_file import OpenFile, opened
from anoncam.sources.process.media_process import FileProcess
from anoncam.sources.process.messages import Count, Message, Text, Texts

_WORKER = "anoncam.audit.looking_worker"
_MOST = 100_000


class _Found(Message):
    """A whole file within another; the byte `base` is where `start` and `end` count from."""

    kind: Text
    start: Count
    end: Count
    base: Count


class _Looked(Message):
    """The reply: the fields of `FurtherPictures`."""

    streams: Annotated[list[Count], Field(max_length=4096)]
    files: Annotated[list[_Found], Field(max_length=_MOST)]
    unseen: Texts


@dataclass(frozen=True)
class Looked:
    """What a file holds beside its footage: see `FurtherPictures`; `files` have their contents."""

    streams: tuple[int, ...]
    files: tuple[tuple[Embedded, bytes], ...]
    unseen: tuple[str, ...]


def look_for_further_pictures(path: Path, limits: FilesSettings) -> Looked:
    """Find everything in `path` that may be a picture, but its footage.

    Raises:
        InputError: it cannot be read.
    """
    with FileProcess(path, limits, module=_WORKER) as process:
        looked = process.ask(_Looked, "look", limits=limits.model_dump(mode="json"))
    with opened(path) as media:
        _check(media, looked.files)
        files = tuple(
            (
                Embedded(each.kind, each.start, each.end),
                os.pread(media.descriptor, each.end - each.start, each.base + each.start),
            )
            for each in looked.files
        )
    return Looked(tuple(looked.streams), files, tuple(looked.unseen))


def _check(media: OpenFile, files: list[_Found]) -> None:
    """Refuse parts that are not one after the other: together, they would be larger than the file.

    Raises:
        InputError: the process lies.
    """
    place = 0
    for each in files:
        if not place <= each.base + each.start <= each.base + each.end <= media.size:
            raise InputError(f"{media} cannot be read: what looks through it sends garbage")
        place = each.base + each.end
