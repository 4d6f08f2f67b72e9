"""Shows the part of each picture that its container asks for, as players do.

The decoder gives whole pictures, with what somebody has cut away at their edges.
"""

from collections.abc import Generator

import av
from av.container import InputContainer
from av.video.stream import VideoStream

from anoncam.sources.libav.filtering import filtered
from anoncam.sources.libav.margins import Margins
from anoncam.sources.libav.matroska import MATROSKA, matroska_margins
from anoncam.sources.libav.open_file import OpenFile
from anoncam.sources.libav.quicktime import QUICKTIME, quicktime_margins

_READERS = {MATROSKA: matroska_margins, QUICKTIME: quicktime_margins}


def hidden_margins(
    container: InputContainer, stream: VideoStream, media: OpenFile
) -> Margins | None:
    """Return what the container hides of the pictures of `stream`; None if it hides nothing."""
    reader = _READERS.get(container.format.name)
    if reader is None:
        return None
    tracks = reader(media)
    number = container.streams.video.index(stream)
    margins = tracks[number] if number < len(tracks) else None
    # Players ignore margins that leave nothing.
    if margins is None or not margins.fit(stream.width, stream.height):
        return None
    return margins


def crop_frames(frames: Generator[av.VideoFrame], margins: Margins) -> Generator[av.VideoFrame]:
    """Yield the part of each of `frames` within the margins; no sample is copied."""
    width = f"in_w-{margins.left + margins.right}"
    height = f"in_h-{margins.top + margins.bottom}"
    yield from filtered(frames, "crop", f"{width}:{height}:{margins.left}:{margins.top}:exact=1")
