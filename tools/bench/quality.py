"""Bits per second, and likeness to the original outside the boxes, beside those of the floor."""

from collections.abc import Iterator
from pathlib import Path

import av
import numpy as np
from av.codec.context import ThreadType
from av.video.stream import VideoStream
from numpy.typing import NDArray

from anoncam.config.schema import Config
from anoncam.frames.frame import tight
from anoncam.recording.h264_stream import FILE_OPTIONS, LIBX264
from anoncam.review.coverage_file import read_document
from anoncam.review.given_coverage import GivenCoverage
from tools.bench.commands import INSTALLED, anonymize_command
from tools.bench.figures import Bench, Figure
from tools.common.processes import CommandError, measure
from tools.coverage.measurement import covered_mask

EVERY = 10
"""Of so many frames, one is compared."""

_SIDE = 8
_C1, _C2 = (0.01 * 255) ** 2, (0.03 * 255) ** 2
"""The constants of SSIM for 8 bits, by Wang et al., "Image quality assessment" (2004)."""

Luma = NDArray[np.uint8]
Windows = NDArray[np.float64]
"""One value for each window of 8x8 pixels: shape (height // 8, width // 8)."""


def quality(bench: Bench) -> Iterator[Figure]:
    """Compare both outputs with the clip in the windows that no box touches."""
    floor, ours = bench.folder / "floor.mp4", bench.folder / "anonymized.mp4"
    covered = bench.folder / "coverage.json"
    command = [*anonymize_command(bench.clip, bench.folder), "--write-coverage", str(covered)]
    try:
        measure(command, INSTALLED, watch_memory=False)
    except CommandError as error:
        yield Figure("anoncam anonymize: SSIM outside the boxes", None, "%", str(error))
        return
    write_floor(bench.clip, floor)
    for name, path in (("floor", floor), ("anoncam anonymize", ours)):
        yield Figure(f"{name}: bits per second", bit_rate(path) / 1e6, "Mb", "squares and all")
    likeness = [[*_outside(bench.clip, path, covered)] for path in (floor, ours)]
    for name, windows in zip(("floor", "anoncam anonymize"), likeness, strict=True):
        values = np.concatenate(windows)
        note = f"mean of {len(values)} windows of {len(windows)} frames"
        yield Figure(f"{name}: SSIM outside the boxes", 100 * float(values.mean()), "%", note)


def write_floor(clip: Path, path: Path) -> None:
    """Decode `clip` and encode it as anoncam encodes files."""
    with av.open(clip) as container, av.open(path, "w") as written:
        source = container.streams.video[0]
        stream = written.add_stream(LIBX264, rate=source.average_rate, options=FILE_OPTIONS)
        assert isinstance(stream, VideoStream)
        stream.width, stream.height, stream.pix_fmt = source.width, source.height, "yuv420p"
        stream.codec_context.thread_type = ThreadType.FRAME
        for frame in container.decode(source):
            frame.pict_type = av.video.frame.PictureType.NONE
            written.mux(stream.encode(frame))
        written.mux(stream.encode(None))


def bit_rate(path: Path) -> float:
    """Bits of the pictures per second of footage."""
    with av.open(path) as container:
        stream = container.streams.video[0]
        size = sum(packet.size for packet in container.demux(stream))
        assert stream.duration is not None
        assert stream.time_base is not None
        return 8 * size / float(stream.duration * stream.time_base)


def similarity(first: Luma, second: Luma) -> Windows:
    """SSIM of each window of two pictures of the same size."""
    x, y = first.astype(np.float64), second.astype(np.float64)
    mean_x, mean_y = _means(x), _means(y)
    variances = _means(x * x) - mean_x**2 + _means(y * y) - mean_y**2
    covariance = _means(x * y) - mean_x * mean_y
    likeness: Windows = ((2 * mean_x * mean_y + _C1) * (2 * covariance + _C2)) / (
        (mean_x**2 + mean_y**2 + _C1) * (variances + _C2)
    )
    return likeness


def outside(windows: Windows, mask: NDArray[np.bool_]) -> Windows:
    """The windows of which `mask` marks no pixel, in one row."""
    free: Windows = windows[_means(mask.astype(np.float64)) == 0]
    return free


def _means(values: Windows) -> Windows:
    down, across = values.shape[0] // _SIDE, values.shape[1] // _SIDE
    whole = values[: down * _SIDE, : across * _SIDE]
    means: Windows = whole.reshape(down, _SIDE, across, _SIDE).mean(axis=(1, 3))
    return means


def _outside(clip: Path, copy: Path, coverage: Path) -> Iterator[Windows]:
    """SSIM of each window outside the boxes, frame by frame."""
    document = read_document(coverage)
    given, config = GivenCoverage(document), Config()
    times = document.source.times
    for number, (first, second) in enumerate(zip(_lumas(clip), _lumas(copy), strict=True)):
        if number % EVERY:
            continue
        height, width = first.shape
        mask = covered_mask(tight(width, height), given.at(times[number]), config)
        yield outside(similarity(first, second[:height, :width]), mask)


def _lumas(path: Path) -> Iterator[Luma]:
    with av.open(path) as container:
        for frame in container.decode(video=0):
            plane = frame.reformat(format="yuv420p").planes[0]
            rows = np.frombuffer(memoryview(plane), np.uint8).reshape(-1, plane.line_size)
            yield rows[: frame.height, : frame.width]
