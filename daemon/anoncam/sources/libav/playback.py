"""Plays a segment to its end, to find out whether it is whole."""

from collections.abc import Callable
from dataclasses import dataclass

import av

from anoncam.errors import InputError
from anoncam.sources.libav.file_limits import FileLimits
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.libav.open_media import find_footage, open_media


@dataclass(frozen=True)
class Playback:
    """How many frames of a file can be decoded; `problem` is empty if it plays to its end."""

    frames: int
    codec: str
    problem: str


def play(
    media: OpenFile, limits: FileLimits, check: Callable[[], object] = lambda: None
) -> Playback:
    """Decode all frames of an MP4; `check` is called for each, and may raise to stop."""
    frames, codec, problem = 0, "none", ""
    try:
        with open_media(media, limits, formats=("mov",)) as container:
            stream = find_footage(container, media, limits)
            codec = stream.codec_context.name
            for _ in container.decode(stream):
                frames += 1
                check()
    except InputError as error:
        problem = str(error)
    except av.FFmpegError as error:
        problem = f"it plays {frames} frames, then: {error.strerror or error}"
    if not frames:
        problem = problem or "it holds no frame"
    return Playback(frames, codec, problem)
