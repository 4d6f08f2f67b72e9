"""What the header and the packets of a file say, without any picture being decoded."""

from collections.abc import Iterator
from dataclasses import dataclass
from fractions import Fraction

import av

from anoncam.errors import InputError
from anoncam.sources.libav.file_limits import FileLimits
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.libav.open_media import find_footage, is_picture, open_media
from anoncam.sources.timestamps import nanoseconds

_SEEKABLE = ("mov", "matroska")
"""Formats with an index of their key frames."""

_USUAL_RATE = Fraction(25)


@dataclass(frozen=True)
class Header:
    """`seconds` is the duration, 0 if it is not stated; `has_index` is that of its key frames."""

    seconds: float
    has_index: bool
    is_picture: bool
    width: int
    height: int
    rate: Fraction


def read_header(media: OpenFile, limits: FileLimits) -> Header:
    """Read the header of a file.

    Raises:
        InputError: it cannot be read, or holds no footage.
    """
    with open_media(media, limits) as container:
        stream = find_footage(container, media, limits)
        return Header(
            max(0.0, (container.duration or 0) / av.time_base),
            container.format.name.startswith(_SEEKABLE),
            is_picture(container, media),
            stream.width,
            stream.height,
            stream.average_rate or _USUAL_RATE,
        )


def packet_times(media: OpenFile, limits: FileLimits) -> Iterator[int]:
    """Read when each picture is shown, in nanoseconds, in the order of the packets.

    Raises:
        InputError: the file cannot be read, or does not say it of each.
    """
    with open_media(media, limits) as container:
        stream = find_footage(container, media, limits)
        try:
            for packet in container.demux(stream):
                if packet.size and not packet.is_discard:
                    if packet.pts is None or stream.time_base is None:
                        raise InputError(f"{media} does not say when each picture is shown")
                    yield nanoseconds(packet.pts, stream.time_base)
        except av.FFmpegError as error:
            raise InputError(f"{media} cannot be read: {error.strerror or error}") from error
