"""Opens media files so that libav reads nothing else, and chooses the stream with the footage.

libav is given a file descriptor instead of a name, so no name can mean an address, a pattern or a
list. That descriptor is the only thing that it may open: the protocol "fd" is the only one that is
allowed. Of a file in a store it is given ranges, and may open nothing.
"""

from collections.abc import Sequence

import av
from av.container import InputContainer
from av.stream import Disposition
from av.video.stream import VideoStream

from anoncam.errors import InputError
from anoncam.sources.libav.allowed_formats import (
    PICTURE_FORMATS,
    VIDEO_FORMATS,
    describe_refused,
)
from anoncam.sources.libav.file_limits import FileLimits
from anoncam.sources.libav.jpeg import is_raw_mjpeg
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.libav.picture_kinds import is_still, refuse_partial
from anoncam.sources.libav.png import refuse_swollen
from anoncam.sources.libav.quicktime import QUICKTIME, refers_to_other_files

_NOT_FOOTAGE = Disposition.attached_pic | Disposition.timed_thumbnails | Disposition.dependent

_JPEG_START = b"\xff\xd8\xff"

_HEAD = 4096
"""Bytes of a file in which its kind is looked for, to explain why it is refused."""

_WHOLE = {"fflags": "+noparse"}
"""Give the whole file to the decoder at once, which then decodes its first picture."""

_HIGHEST = FileLimits(max_pixels=1 << 30, max_streams=4096)
"""Tells the kind of a file: whether it is within the limits is checked when it is read."""


def open_media(
    media: OpenFile,
    limits: FileLimits,
    formats: Sequence[str] = (*VIDEO_FORMATS, *PICTURE_FORMATS),
) -> InputContainer:
    """Open a file with one of libav's demuxers in `formats`.

    Of one file, one container can be read at a time: they share the place where libav reads on.

    Raises:
        InputError: it is of another kind, or it has too many streams.
    """
    refuse_partial(media)
    refuse_swollen(media)
    if media.read_at(len(_JPEG_START), 0) != _JPEG_START:
        container = _open(media, formats, limits)
    elif is_raw_mjpeg(media):
        container = _open(media, formats, limits, demuxer="mjpeg")
    else:
        # What follows a photograph, as a video, may make libav think of another format. It would
        # also give all pictures of a photograph, previews and depth maps among them.
        container = _open(media, formats, limits, demuxer="jpeg_pipe", fflags="+noparse")
    if len(container.streams) > limits.max_streams:
        container.close()
        raise _too_many_streams(media, limits)
    return container


def is_picture(container: InputContainer, media: OpenFile) -> bool:
    """Tell whether a file is a single picture, by its content."""
    return container.format.name.endswith(("_pipe", "image2")) or is_still(media)


def holds_picture(media: OpenFile) -> bool:
    """Tell whether a file is a single picture, by its content.

    Raises:
        InputError: it cannot be opened.
    """
    with open_media(media, _HIGHEST) as container:
        return is_picture(container, media)


def find_footage(
    container: InputContainer,
    media: OpenFile,
    limits: FileLimits,
    index: int | None = None,
) -> VideoStream:
    """Return the stream with the footage; a cover picture is not footage.

    With an `index`, the stream of that number is the footage, whatever it is.

    Its decoder refuses pictures of more than `limits.max_pixels`.

    Raises:
        InputError: there is none, its pictures are too large, or there is no decoder for it.
    """
    streams = (
        footage_streams(container)
        if index is None
        else [stream for stream in container.streams.video if stream.index == index]
    )
    if not streams:
        raise InputError(f"{media} holds no video", "name a video or a picture")
    stream = max(streams, key=lambda stream: bool(stream.disposition & Disposition.default))
    # Where libav has no decoder, PyAV leaves this out, in spite of its own type.
    if getattr(stream, "codec_context", None) is None:
        raise InputError(f"{media} is in a video format for which there is no decoder")
    if stream.width * stream.height > limits.max_pixels:
        raise InputError(
            f"{media} has pictures of {stream.width}x{stream.height} pixels, at most"
            f" {limits.max_pixels:,} in all are allowed",
            "scale it down first, or raise files.max_pixels",
        )
    if stream.metadata.get("alpha_mode", "0") != "0":
        # libav gives these pictures without their alpha, and so with all that it hides.
        raise InputError(
            f"{media} is a WebM with transparency, which is not supported",
            "convert it to ProRes 4444 or GIF first",
        )
    stream.codec_context.options = _decoder_options(limits)
    return stream


def footage_streams(container: InputContainer) -> list[VideoStream]:
    """Return all streams of the file that are footage."""
    return [stream for stream in container.streams.video if not stream.disposition & _NOT_FOOTAGE]


def explain_empty(container: InputContainer, media: OpenFile) -> InputError:
    """Return the error for a file without a picture that can be decoded."""
    if container.format.name == QUICKTIME and refers_to_other_files(media):
        return InputError(
            f"{media} has its pictures in another file, which is not opened",
            "export it as one file",
        )
    return InputError(f"{media} has no picture that can be decoded")


def _open(
    media: OpenFile,
    formats: Sequence[str],
    limits: FileLimits,
    demuxer: str | None = None,
    **options: str,
) -> InputContainer:
    file, access = media.for_libav()
    try:
        return av.open(
            file,
            "r",
            format=demuxer,
            options=_decoder_options(limits),
            container_options={
                **access,
                "format_whitelist": ",".join(formats),
                # Most demuxers leave out further streams and do not report it.
                "max_streams": str(limits.max_streams + 1),
                # Parts of a QuickTime file may be references to other files.
                "enable_drefs": "0",
                **options,
            },
            metadata_errors="replace",
        )
    except (av.FFmpegError, MemoryError) as error:
        raise _explain(media, media.read_at(_HEAD, 0), error, limits) from error


def _decoder_options(limits: FileLimits) -> dict[str, str]:
    return {"max_pixels": str(limits.max_pixels)}


def _explain(media: OpenFile, head: bytes, error: Exception, limits: FileLimits) -> InputError:
    kind = describe_refused(head)
    if kind:
        return InputError(
            f"{media} is {kind}: other files are not opened", "name the videos or pictures"
        )
    if isinstance(error, av.ArgumentError):
        return InputError(f"{media} is of a kind that is not read", "convert it to MP4 or Matroska")
    if isinstance(error, MemoryError):
        # It is what libav reports if a demuxer may not add a stream.
        return _too_many_streams(media, limits)
    if isinstance(error, av.InvalidDataError | av.EOFError):
        return InputError(
            f"{media} is not a video or picture that can be read, or lacks its end or beginning"
        )
    return InputError(f"{media} cannot be read: {getattr(error, 'strerror', None) or error}")


def _too_many_streams(media: OpenFile, limits: FileLimits) -> InputError:
    return InputError(
        f"{media} has more than {limits.max_streams} streams, or needs more memory than there is",
        "convert it to MP4 or Matroska with fewer streams, or raise files.max_streams",
    )
