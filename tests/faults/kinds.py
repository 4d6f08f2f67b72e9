"""A film of a face in every container and codec that libav can write here."""

import itertools
import random
from collections.abc import Iterable, Iterator, Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
from av.video.stream import VideoStream

from tests.faults.filming import FPS, Film

FIRST, FRAMES = 40, 6
"""Which frames of the film."""

_PICTURES = "image2pipe"
_MUXERS = ("matroska", "avi", "mov", "mpegts", "apng", "fits", "roq", "rm", _PICTURES)
_CODECS = (
    "libx264",
    "mpeg4",
    "libvpx",
    "mpeg2video",
    "mjpeg",
    "flv",
    "rawvideo",
    "gif",
    "libwebp_anim",
    "png",
    "bmp",
)
_SIZES = ((0, 0), (352, 288), (128, 128), (720, 576))
"""The film's own, then those that old codecs insist on."""

_HARDWARE = ("_amf", "_nvenc", "_qsv", "_v4l2m2m", "_vaapi")
_NO_FILE = {
    *(
        "dash",
        "fifo",
        "hds",
        "hls",
        "image2",
        "image2pipe",
        "null",
        "rtp",
        "rtp_mpegts",
        "rtsp",
        "sap",
        "segment",
    ),
    *(
        "smoothstreaming",
        "stream_segment,ssegment",
        "tee",
        "uncodedframecrc",
        "webm_chunk",
        "whip",
        "alsa",
        "oss",
    ),
    *("fbdev", "video4linux2,v4l2", "webm_dash_manifest"),
}
"""Muxers that write to a device, to the network, or to many files."""


def pictures(film: Film) -> list[av.VideoFrame]:
    """The frames of the film that go into every file."""
    with av.open(str(film.path)) as container:
        return list(container.decode(video=0))[FIRST : FIRST + FRAMES]


def every_codec(folder: Path, film: Film) -> Iterator[Path]:
    """One file for each encoder that works here, in the first container out of which it can be read
    again, if any."""
    frames = pictures(film)
    for codec in sorted(av.codecs_available):
        if (
            not codec.endswith(_HARDWARE)
            and codec not in {"vnull", "wrapped_avframe"}
            and _encodes(codec)
        ):
            yield from _first(_write_readably(folder, codec, size, frames) for size in _SIZES)


def every_container(folder: Path, film: Film) -> Iterator[Path]:
    """One file for each muxer that takes one of the usual codecs."""
    frames = pictures(film)
    for muxer in sorted(av.formats_available):
        if av.ContainerFormat(muxer).is_output and muxer not in _NO_FILE:
            path = folder / f"container-{muxer.split(',')[0]}.bin"
            if any(_write(path, muxer, codec, (0, 0), frames) for codec in _CODECS):
                yield path


def damaged(path: Path, folder: Path, count: int) -> Iterator[Path]:
    """Copies of a file with bytes cut off, changed, put in, taken out or doubled."""
    data = path.read_bytes()
    for number in range(count):
        chance = random.Random(f"{path.name} {number}")
        broken = bytearray(data)
        for _ in range(chance.choice([1, 1, 3, 20])):
            # The beginning, where the headers are, is damaged as often as all the rest.
            place = chance.randrange(
                min(400, len(broken)) if chance.random() < 0.5 else len(broken)
            )
            length = chance.choice([1, 1, 4, 100])
            change = [
                b"",
                chance.randbytes(length),
                bytes(length),
                broken[place : place + length] * 2,
            ]
            broken[place : place + length] = chance.choice(change)
        if not chance.randrange(4):
            del broken[chance.randrange(len(broken)) :]
        target = folder / f"{path.stem}-{number}{path.suffix}"
        target.write_bytes(broken)
        yield target


def _encodes(codec: str) -> bool:
    try:
        return av.Codec(codec, "w").type == "video"
    except ValueError:
        return False


def _write_readably(
    folder: Path, codec: str, size: tuple[int, int], frames: Sequence[av.VideoFrame]
) -> Path | None:
    """A file of such pictures, in a container out of which they can be read again, if there is
    one."""
    unreadable = None
    for muxer in _MUXERS:
        # The anonymized copy of a picture is a picture too, so its name needs such an ending.
        path = folder / f"codec-{codec}.{'png' if muxer == _PICTURES else 'bin'}"
        if _write(path, muxer, codec, size, frames):
            if _plays(path):
                return path
            unreadable = path.rename(path.with_suffix(".unreadable"))
    return unreadable


def _first(paths: Iterable[Path | None]) -> list[Path]:
    return list(itertools.islice(filter(None, paths), 1))


def _plays(path: Path) -> bool:
    try:
        with av.open(str(path)) as container:
            return next(container.decode(video=0), None) is not None
    except (av.FFmpegError, IndexError):
        return False


def _write(
    path: Path, muxer: str, codec: str, size: tuple[int, int], frames: Sequence[av.VideoFrame]
) -> bool:
    """Whether such a file can be written, and was."""
    width, height = size if size[0] else (frames[0].width, frames[0].height)
    formats = av.Codec(codec, "w").video_formats
    kind = formats[0].name if formats else "yuv420p"
    if any(offered.name == "yuv420p" for offered in formats or ()):
        kind = "yuv420p"
    try:
        with av.open(str(path), "w", format=muxer) as container:
            stream = cast(VideoStream, container.add_stream(codec, rate=FPS))
            stream.width, stream.height, stream.pix_fmt = width, height, kind
            stream.codec_context.options = {"strict": "experimental"}
            for number, picture in enumerate(frames[:1] if muxer == _PICTURES else frames):
                frame = picture.reformat(width, height, kind)
                frame.pts, frame.time_base = number, Fraction(1, FPS)
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    except (av.FFmpegError, ValueError, OverflowError, KeyError):
        path.unlink(missing_ok=True)
        return False
    return path.exists() and path.stat().st_size > 0
