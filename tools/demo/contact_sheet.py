"""A picture of frames before and after: from the user's own file, and below from the recording.

This reads the user's own file again. The daemon itself never writes a clear picture.
"""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import av
from PIL import Image, ImageDraw, ImageFont

_COLUMNS = 4
_TILE_WIDTH = 320
_MARGIN = 8
_CAPTION = 22


@dataclass(frozen=True)
class FramePair:
    """One frame of the source, and the same frame in a segment.

    The times are seconds since the first frame of each file.
    """

    source_time: float
    segment: Path
    segment_time: float


def make_contact_sheet(
    source: Path, segments: Sequence[Path], output: Path, count: int = 8
) -> None:
    """Draw `count` frames, evenly spread over the recording, into `output` (PNG).

    `segments` are in the order in which they were recorded.

    Raises:
        ValueError: there is no segment with a frame in it.
        av.FFmpegError: a file cannot be read.
    """
    pairs = match_frames(source, segments, count)
    tiles = [
        (_tile(source, pair.source_time), _tile(pair.segment, pair.segment_time), pair.source_time)
        for pair in pairs
    ]
    width, height = tiles[0][0].size
    columns, rows = min(_COLUMNS, len(tiles)), -(-len(tiles) // _COLUMNS)
    cell_width, cell_height = width + _MARGIN, _CAPTION + 2 * height + 2 * _MARGIN
    sheet = Image.new("RGB", (_MARGIN + columns * cell_width, rows * cell_height), "white")
    draw, font = ImageDraw.Draw(sheet), ImageFont.load_default(14)
    for index, (before, after, seconds) in enumerate(tiles):
        left, top = _MARGIN + index % _COLUMNS * cell_width, index // _COLUMNS * cell_height
        draw.text((left, top + 3), f"{seconds:.1f} s", "black", font)
        sheet.paste(before, (left, top + _CAPTION))
        sheet.paste(after.resize(before.size), (left, top + _CAPTION + height + _MARGIN))
    sheet.save(output)


def match_frames(source: Path, segments: Sequence[Path], count: int) -> list[FramePair]:
    """Find `count` recorded frames, evenly spread, and the source frame of each.

    If no frame was dropped, the n-th recorded frame belongs to the n-th frame of the source.
    Otherwise frames are matched by time: segments follow each other, and the first one begins with
    the first frame of the source.

    Raises:
        ValueError: there is no segment with a frame in it.
    """
    source_times = _frame_times(source)
    recorded: list[tuple[float, Path, float]] = []
    offset = 0.0
    for segment in segments:
        times = _frame_times(segment)
        recorded.extend((offset + time, segment, time) for time in times)
        # The last frame of a segment is assumed to last as long as its frames do on average.
        offset += times[-1] * len(times) / (len(times) - 1) if len(times) > 1 else 0.0
    if not recorded:
        raise ValueError("no frame was recorded")
    count = min(count, len(recorded))
    chosen = [(2 * number + 1) * len(recorded) // (2 * count) for number in range(count)]
    pairs = []
    for index in chosen:
        seconds, segment, segment_time = recorded[index]
        same = index if len(recorded) == len(source_times) else _nearest(source_times, seconds)
        pairs.append(FramePair(source_times[same], segment, segment_time))
    return pairs


def _frame_times(path: Path) -> list[float]:
    """The seconds of all frames since the first, in order, read from packets without decoding.

    Raises:
        ValueError: the file has no frame with a timestamp.
    """
    with av.open(path) as container:
        stamps = sorted(
            float(packet.pts * packet.time_base)
            for packet in container.demux(video=0)
            if packet.pts is not None and packet.time_base is not None
        )
    if not stamps:
        raise ValueError(f"{path} has no frame with a timestamp")
    return [stamp - stamps[0] for stamp in stamps]


def _nearest(times: Sequence[float], wanted: float) -> int:
    index = min(bisect_left(times, wanted), len(times) - 1)
    return index - 1 if index > 0 and wanted - times[index - 1] < times[index] - wanted else index


def _tile(path: Path, seconds: float) -> Image.Image:
    """The frame at `seconds` after the first, upright and small."""
    with av.open(path) as container:
        frame = _frame_at(container, seconds)
        picture = Image.fromarray(frame.to_ndarray(format="rgb24")).rotate(
            frame.rotation, expand=True
        )
    return picture.resize(
        (_TILE_WIDTH, round(picture.height * _TILE_WIDTH / picture.width)), Image.Resampling.BOX
    )


def _frame_at(container: av.container.InputContainer, seconds: float) -> av.VideoFrame:
    stream = container.streams.video[0]
    frames = container.decode(stream)
    first = next(frames)
    if first.pts is None or first.time_base is None:
        raise ValueError(f"{container.name} has frames without timestamps")
    wanted = first.pts + round(seconds / first.time_base)
    if wanted <= first.pts:
        return first
    container.seek(wanted, stream=stream)
    frame = first
    for frame in container.decode(stream):
        if frame.pts is not None and frame.pts >= wanted:
            break
    return frame
