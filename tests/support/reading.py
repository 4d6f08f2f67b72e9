"""Reads whole files through `FileSource`, for tests of what comes out."""

import os
import weakref
from collections.abc import Iterator
from pathlib import Path

import pytest

from anoncam.clock import Stop, SystemClock
from anoncam.config.schema import FilesSettings
from anoncam.errors import InputError
from anoncam.frames.frame import Frame
from anoncam.frames.pool import FramePool
from anoncam.sources.file import FileSource
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.process.media_process import DEFAULT_LIMITS


def open_clip(
    path: Path, *, paced: bool = False, loop: bool = False, limits: FilesSettings = DEFAULT_LIMITS
) -> FileSource:
    """Open `path`; it is neither paced nor looped, unless asked for."""
    return FileSource(path, paced=paced, loop=loop, clock=SystemClock(), stop=Stop(), limits=limits)


def as_media(path: Path) -> OpenFile:
    """`path` as a file that is open as long as somebody uses it."""
    media = OpenFile(path, os.open(path, os.O_RDONLY))
    weakref.finalize(media, os.close, media.descriptor)
    return media


def frames(source: FileSource) -> Iterator[Frame]:
    """The frames of the source, each valid until the next."""
    pool = FramePool(source.format, 1)
    while (capture := source.read()) is not None:
        frame = pool.acquire()
        assert frame is not None
        capture.copy_into(frame)
        capture.close()
        yield frame
        pool.release(frame)


def numbers(source: FileSource) -> list[int]:
    """The first sample of every frame, which is its number in a lossless clip."""
    return [int(frame.luma[0, 0]) for frame in frames(source)]


def numbers_until_it_breaks(source: FileSource) -> tuple[list[int], str]:
    """The same for a file that breaks off, and the text of the error."""
    read: list[int] = []
    with pytest.raises(InputError) as caught:
        read.extend(int(frame.luma[0, 0]) for frame in frames(source))
    return read, str(caught.value)
