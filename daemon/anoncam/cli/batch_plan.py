"""What ``anoncam anonymize`` writes where: a result has the name of what it is."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath

from anoncam.cli.media_files import find_media
from anoncam.errors import InputError, StorageError
from anoncam.recording.picture_writer import is_picture_name
from anoncam.recording.video_writer import is_video_name
from anoncam.sources.libav.picture_kinds import is_still
from anoncam.sources.opened_place import opened
from anoncam.sources.process.questions import holds_picture
from anoncam.stores.place import Place, real, whole
from anoncam.stores.remote_file import RemoteFile


@dataclass(frozen=True)
class Plan:
    """`files` has each input and its output; `unread` says why other files are not read."""

    files: list[tuple[Place, Place]] = field(default_factory=list)
    unread: list[tuple[Place, str]] = field(default_factory=list)


def plan(inputs: Sequence[Place], output: Place) -> Plan:
    """Plan the output of each input; what is in folders keeps its place.

    Raises:
        InputError: a folder has no files.
        StorageError: two inputs have the same output, or one is its own.
        StoreError: a store refuses, or cannot be reached.
    """
    result = Plan()
    if len(inputs) == 1 and not _is_folder(output) and not inputs[0].is_dir():
        result.files.append((inputs[0], output))
    else:
        for place in inputs:
            _add(place, output, result)
        try:
            for folder in {output, *(target.parent for _, target in result.files)}:
                if isinstance(folder, Path):
                    folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise StorageError(f"{output} cannot be made a folder: {error.strerror}") from error
    _check(result)
    return result


def _is_folder(output: Place) -> bool:
    """Whether outputs go into it: a store has no folders before there is something in them."""
    is_file = is_video_name(output) or is_picture_name(output)
    return output.is_dir() or (isinstance(output, RemoteFile) and not is_file)


def _add(place: Place, output: Place, result: Plan) -> None:
    if not place.is_dir():
        result.files.append((place, output / _name(place)))
        return
    place = whole(place)
    media = find_media(place, leave_out=output)
    if not media.files and not media.unread:
        raise InputError(f"there is no footage in {place}", "name a folder of videos")
    taken = {target for _, target in result.files}
    for file in media.files:
        inner = PurePosixPath(str(file)).relative_to(PurePosixPath(str(place))).parent
        folder = output / inner if inner.name else output
        target = folder / _name(file)
        if target in taken:
            # A photograph may lie beside the same in another format.
            target = folder / f"{file.name}{target.suffix}"
        taken.add(target)
        result.files.append((file, target))
    result.unread.extend(media.unread)


def _name(source: Place) -> str:
    """The name of the result, by the content of `source`."""
    try:
        is_picture = holds_picture(source)
    except InputError:
        # The error comes again when the file is read.
        is_picture = is_picture_name(source)
    if is_picture:
        return source.name if is_picture_name(source) else f"{source.stem}{_ending(source)}"
    return source.name if is_video_name(source) else f"{source.stem}.mp4"


def _ending(picture: Place) -> str:
    with opened(picture) as media:
        return ".jpg" if is_still(media) else ".png"


def _check(result: Plan) -> None:
    targets: set[Place] = set()
    for source, target in result.files:
        if target in targets:
            raise StorageError(
                f"two inputs would be written to {target}", "rename one, or call once for each"
            )
        if real(target) == real(source):
            raise StorageError(f"{target} is the input itself", "choose another output")
        targets.add(target)
