"""Clips whose every sample is known, for tests of the sources."""

from collections.abc import Iterable, Sequence
from fractions import Fraction
from pathlib import Path
from typing import cast

import av
import numpy as np
from av.video.stream import VideoStream
from numpy.typing import NDArray

from anoncam.frames.frame import Plane

LOSSLESS_H264 = {"qp": "0", "preset": "ultrafast", "g": "5", "bf": "0"}


def samples(width: int, height: int, number: int) -> tuple[Plane, Plane, Plane]:
    """Y, U and V of picture `number`; the first sample of Y is the number."""
    across = np.arange(width)[None, :] + np.arange(height)[:, None]
    small = across[: -(-height // 2), : -(-width // 2)]
    planes = (across + number, 3 * small + number, 255 - small - number)
    luma, first, second = (plane.astype(np.uint8) for plane in planes)
    return luma, first, second


def picture(width: int, height: int, number: int, pix_fmt: str = "yuv420p") -> av.VideoFrame:
    """Picture `number` for an encoder, as near to `samples` as `pix_fmt` can hold them."""
    frame = av.VideoFrame(width, height, pix_fmt)
    if frame.format.is_rgb:
        return picture(width, height, number).reformat(format=pix_fmt)
    deep = "10le" in pix_fmt
    values: list[NDArray[np.generic]] = [*samples(width, height, number)]
    if pix_fmt == "nv12":
        values = [values[0], np.stack(values[1:], axis=2).reshape(-(-height // 2), -1)]
    for plane, wanted in zip(frame.planes, values, strict=False):
        rows = np.frombuffer(memoryview(plane), np.uint16 if deep else np.uint8).reshape(
            plane.height, -1
        )
        repeated = wanted.repeat(-(-plane.height // wanted.shape[0]), 0).repeat(
            -(-plane.width // wanted.shape[1]), 1
        )
        useful = repeated[: plane.height, : max(plane.width, wanted.shape[1])]
        rows[:, : useful.shape[1]] = useful.astype(rows.dtype) << (2 if deep else 0)
    return frame


def make_clip(
    path: Path,
    codec: str = "libx264",
    *,
    size: tuple[int, int] = (96, 64),
    pix_fmt: str = "yuv420p",
    times: Iterable[int] = range(10),
    time_base: Fraction = Fraction(1, 25),
    rate: int = 25,
    options: dict[str, str] | None = None,
    muxer_options: dict[str, str] | None = None,
    rotation: int = 0,
    mirrored: bool = False,
    last: int = 0,
) -> Path:
    """Write a clip with one picture for each of `times`, in units of `time_base`.

    It is lossless by default. `last` is the duration of the last picture, unless it is one 25th of
    a second.
    """
    chosen = LOSSLESS_H264 if options is None and codec == "libx264" else options or {}
    with av.open(str(path), "w", options=muxer_options or {}) as container:
        stream = cast(VideoStream, container.add_stream(codec, rate=rate, options=dict(chosen)))
        stream.width, stream.height = size
        stream.pix_fmt = pix_fmt
        stream.codec_context.time_base = time_base
        if rotation or mirrored:
            stream.set_display_rotation(-rotation, hflip=mirrored)
        packets: list[av.Packet[VideoStream]] = []
        for number, time in enumerate(times):
            frame = picture(*size, number, pix_fmt)
            frame.pts, frame.time_base = time, time_base
            packets += stream.encode(frame)
        packets += stream.encode(None)
        if last:
            packets[-1].duration = round(last * time_base / packets[-1].time_base)
        container.mux(packets)
    return path


def make_sound(path: Path, *, with_video: bool, seconds: float = 1.0) -> Path:
    """Write a clip with sound, and with or without 25 pictures per second."""
    with av.open(str(path), "w") as container:
        sound = container.add_stream("aac", rate=48000)
        video = None
        if with_video:
            video = container.add_stream("libx264", rate=25, options=dict(LOSSLESS_H264))
            video.width, video.height, video.pix_fmt = 96, 64, "yuv420p"
        for index in range(round(seconds * 48000 / 1024)):
            tone = np.sin(np.arange(1024) / 20)[None, :].astype(np.float32)
            block = av.AudioFrame.from_ndarray(tone, "fltp", "mono")
            block.sample_rate, block.pts, block.time_base = 48000, index * 1024, Fraction(1, 48000)
            container.mux(sound.encode(block))
        container.mux(sound.encode(None))
        if video is not None:
            for index in range(round(seconds * 25)):
                frame = picture(96, 64, index)
                frame.pts, frame.time_base = index, Fraction(1, 25)
                container.mux(video.encode(frame))
            container.mux(video.encode(None))
    return path


def cut(path: Path, part: float) -> Path:
    """A copy of the first `part` of the file's bytes."""
    data = path.read_bytes()
    short = path.with_stem(path.stem + "-cut")
    short.write_bytes(data[: round(len(data) * part)])
    return short


def damage(path: Path, place: float, length: int) -> Path:
    """A copy with `length` bytes from `place` (a part of the file) on overwritten."""
    data = bytearray(path.read_bytes())
    start = round(len(data) * place)
    data[start : start + length] = np.random.default_rng(1).bytes(length)
    broken = path.with_stem(path.stem + "-damaged")
    broken.write_bytes(data)
    return broken


def equal(planes: Sequence[Plane], expected: Sequence[Plane]) -> bool:
    """Whether all planes are the expected ones, to the sample."""
    return all(
        np.array_equal(plane, values) for plane, values in zip(planes, expected, strict=True)
    )
