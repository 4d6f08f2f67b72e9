"""Opens media files, and chooses the stream with the footage."""

import stat
from pathlib import Path

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from anoncam.errors import InputError

_NOT_FOOTAGE = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.dependent


def open_media(path: Path) -> InputContainer:
    """Open a regular file with libav.

    Raises:
        InputError: there is no such file, or libav cannot read it.
    """
    try:
        mode = path.stat().st_mode
    except FileNotFoundError as error:
        raise InputError(f"{path} does not exist") from error
    except (OSError, ValueError) as error:
        raise InputError(f"{path} cannot be read: {getattr(error, 'strerror', error)}") from error
    if stat.S_ISDIR(mode):
        raise InputError(f"{path} is a folder", "name a video or a picture")
    if not stat.S_ISREG(mode):
        raise InputError(f"{path} is not a file", "name a video or a picture")
    if not path.stat().st_size:
        raise InputError(f"{path} is empty")
    try:
        return av.open(
            f"file:{path.absolute()}",
            # Without this, libav takes "%d" in the name of a picture for a sequence of files.
            container_options={"pattern_type": "none"},
            metadata_errors="replace",
        )
    except av.InvalidDataError as error:
        raise InputError(
            f"{path} is not a video or picture that can be read, or lacks its end or beginning"
        ) from error
    except av.FFmpegError as error:
        raise InputError(f"{path} cannot be read: {error.strerror}") from error


def find_footage(container: InputContainer, path: Path) -> VideoStream:
    """Return the stream with the footage; a cover picture is not footage.

    Raises:
        InputError: there is none, or no decoder for it.
    """
    streams = [
        stream for stream in container.streams.video if not stream.disposition & _NOT_FOOTAGE
    ]
    if not streams:
        raise InputError(f"{path} holds no video", "name a video or a picture")
    stream = max(streams, key=lambda stream: bool(stream.disposition & Disposition.default))
    # Where libav has no decoder, PyAV leaves this out, in spite of its own type.
    if getattr(stream, "codec_context", None) is None:
        raise InputError(f"{path} is in a video format for which there is no decoder")
    return stream
