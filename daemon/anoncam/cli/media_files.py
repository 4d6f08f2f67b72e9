"""The videos and pictures in a folder, by their content, and a list of what cannot be read."""

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from anoncam.errors import InputError, StoreError
from anoncam.recording.picture_writer import is_picture_name
from anoncam.recording.video_writer import is_video_name
from anoncam.sources.opened_place import opened
from anoncam.sources.process.questions import holds_picture
from anoncam.stores.place import Place, real
from anoncam.stores.remote_file import RemoteFile

BESIDE = ".anoncam"
"""What the name of an output's folder has more, in which the work on it is."""

UNREAD = 14
"""The exit code if nothing else is wrong, but something was not read."""

_LONGEST_TEXT = 64 << 20
_PICTURES_IN_TEXT = (b"data:image", b"<svg", b"/9j/", b"iVBORw0KGgo")


@dataclass(frozen=True)
class Media:
    """`files` are to be read; `unread` says why each other one cannot be."""

    files: list[Place] = field(default_factory=list)
    unread: list[tuple[Place, str]] = field(default_factory=list)


def find_media(place: Place, leave_out: Place | None = None) -> Media:
    """Find the media in a folder and its subfolders, in order; a file is taken as it is.

    Text without pictures is passed over. `leave_out` is a folder that is not searched.

    Raises:
        InputError: there is no such place.
        StoreError: it is in a store, which refuses or cannot be reached.
    """
    if not place.is_dir():
        if not place.exists():
            raise InputError(f"there is no {place}", "name a folder or a file")
        return Media([place])
    media = Media()
    files = (
        _walk(place, leave_out, media.unread)
        if isinstance(place, Path)
        else _list(place, leave_out, media.unread)
    )
    for file in files:
        if is_video_name(file) or is_picture_name(file):
            media.files.append(file)
        elif not _is_plain_text(file):
            try:
                holds_picture(file)
            except InputError as error:
                media.unread.append((file, str(error)))
            else:
                media.files.append(file)
    return media


def _list(
    place: RemoteFile, leave_out: Place | None, unread: list[tuple[Place, str]]
) -> Iterator[RemoteFile]:
    """The files in a folder of a store, but for those in `leave_out` and the folder beside it."""
    own = () if leave_out is None else (f"{leave_out}/", f"{leave_out}{BESIDE}/")
    for name in place.names():
        try:
            file = place / name
        except StoreError as error:
            unread.append((place, f"{name} in {place} cannot be named by a URL: {error}"))
            continue
        if not str(file).startswith(own):
            yield file


def _walk(place: Path, leave_out: Place | None, unread: list[tuple[Place, str]]) -> Iterator[Path]:
    def refused(error: OSError) -> None:
        folder = Path(str(error.filename))
        unread.append((folder, f"{folder} cannot be searched: {error.strerror}"))

    kept_out = None if leave_out is None else real(leave_out)
    for folder, folders, files in os.walk(place, onerror=refused):
        here = Path(folder)
        folders.sort()
        for name in list(folders):
            if (here / name).is_symlink():
                why = f"{here / name} is a link to a folder, which is not followed"
                unread.append((here / name, why))
            elif real(here / name) == kept_out:
                folders.remove(name)
        yield from (here / name for name in sorted(files))


def _is_plain_text(file: Place) -> bool:
    try:
        if isinstance(file, Path) and not file.is_file():
            return False
        with opened(file) as media:
            if media.size > _LONGEST_TEXT:
                return False
            data = media.read_bytes()
        data.decode()
    except (OSError, UnicodeDecodeError):
        return False
    return b"\0" not in data and not any(mark in data for mark in _PICTURES_IN_TEXT)
