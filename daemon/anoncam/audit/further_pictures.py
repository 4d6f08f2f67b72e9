"""What a file may show beside its footage: thumbnails, second pictures, covers, attachments.

Whatever is not known to be free of pictures is reported, and not passed over.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

import av
from av.container import InputContainer

from anoncam.audit.embedded_files import Embedded, find_embedded, jpeg_end
from anoncam.audit.metadata import in_jpeg, in_png, in_tiff, in_webp
from anoncam.errors import InputError
from anoncam.sources.libav.file_limits import FileLimits
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.libav.open_media import find_footage, open_media
from anoncam.sources.libav.picture_kinds import is_still
from anoncam.sources.libav.transparency import has_alpha, hides_colours

_PLAIN = {"bmp_pipe", "pam_pipe", "pbm_pipe", "pgm_pipe", "ppm_pipe", "qoi_pipe", "sgi_pipe", "gif"}
"""Formats that hold nothing but their pixels."""

_DRAWN_SUBTITLES = {"dvd_subtitle", "dvb_subtitle", "hdmv_pgs_subtitle", "xsub"}
_TEXT = {"subtitle", "audio"}
_LARGEST_PICTURE = 1 << 30


@dataclass(frozen=True)
class FurtherPictures:
    """What a file holds beside its footage.

    `streams` are further streams with pictures, `files` are whole files within it, each with the
    byte at which the part begins that it was found in, and `unseen` says of the rest what it is:
    nobody has looked at it.
    """

    streams: tuple[int, ...]
    files: tuple[tuple[Embedded, int], ...]
    unseen: tuple[str, ...]


def find_further_pictures(media: OpenFile, limits: FileLimits) -> FurtherPictures:
    """Find everything in `media` that may be a picture, but its footage.

    Raises:
        InputError: it cannot be read.
    """
    with open_media(media, limits) as container, _input_errors(media):
        kind = container.format.name
        footage = find_footage(container, media, limits)
        streams = tuple(
            stream.index for stream in container.streams.video if stream.index != footage.index
        )
        unseen = list(_unseen_streams(container))
        first = next(container.decode(footage), None)
        if first is not None and has_alpha(first) and hides_colours(first):
            unseen.append("colours that its transparency hides")
    files: list[tuple[Embedded, int]] = []
    with _input_errors(media):
        if "mp4" in kind:
            files = [
                (each, begin) for begin, part in _boxes(media) for each in find_embedded(part, 0)
            ]
        elif kind.endswith("_pipe") or kind in {"apng", "gif"}:
            files, more = _in_picture(media, kind)
            unseen += more
    return FurtherPictures(
        streams,
        tuple(files),
        tuple(unseen),
    )


@contextmanager
def _input_errors(media: OpenFile) -> Iterator[None]:
    try:
        yield
    except InputError:
        raise
    except (OSError, av.FFmpegError) as error:
        raise InputError(f"{media} cannot be read: {error.strerror or error}") from error


def _unseen_streams(container: InputContainer) -> Iterator[str]:
    for stream in container.streams:
        context = getattr(stream, "codec_context", None)
        name = "unknown" if context is None else context.name
        if stream.type == "video" and context is None:
            yield f"stream {stream.index}: a video for which there is no decoder"
        elif stream.type == "attachment":
            yield f"stream {stream.index}: an attachment"
        elif name in _DRAWN_SUBTITLES:
            yield f"stream {stream.index}: subtitles that are pictures"
        elif stream.type not in _TEXT | {"video"} and not _is_time_code(stream.metadata):
            yield f"stream {stream.index}: data of unknown kind"


def _is_time_code(metadata: dict[str, str]) -> bool:
    return "timecode" in metadata


def _in_picture(media: OpenFile, kind: str) -> tuple[list[tuple[Embedded, int]], list[str]]:
    if media.size > _LARGEST_PICTURE:
        return [], ["it is too large to search for further pictures"]
    data = media.read_bytes()
    embedded = find_embedded(data)
    covered = [(each.start, each.end) for each in embedded]
    if kind == "jpeg_pipe":
        unseen = list(in_jpeg(data, jpeg_end(data, 0) or len(data), covered))
    elif kind in {"png_pipe", "apng"}:
        unseen = list(in_png(data))
    elif kind == "webp_pipe":
        unseen = list(in_webp(data))
    elif kind == "tiff_pipe":
        unseen = list(in_tiff(data))
    elif kind in _PLAIN:
        unseen = []
    else:
        unseen = ["layers, thumbnails or other pictures that this format may hold"]
    return [(each, 0) for each in embedded], unseen


def _boxes(media: OpenFile) -> Iterator[tuple[int, bytes]]:
    """Read the boxes of an MP4 or HEIC that hold no media, each with the byte at which it begins.

    A still is read as a whole.
    """
    size, with_media = media.size, is_still(media)
    with media.open() as file:
        place = 0
        while place + 8 <= size:
            file.seek(place)
            head = file.read(16)
            length = int.from_bytes(head[:4])
            if length == 1:
                length = int.from_bytes(head[8:16])
            elif length == 0:
                length = size - place
            end = min(size, place + max(length, 8))
            if head[4:8] != b"mdat" or with_media:
                file.seek(place + 8)
                yield place + 8, file.read(end - place - 8)
            place = end
