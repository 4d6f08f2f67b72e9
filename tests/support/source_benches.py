"""Every source that runs without hardware, each with what its frames must hold."""

from collections.abc import Callable
from contextlib import ExitStack
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import cast

import numpy as np

from anoncam.clock import NANOSECONDS, Stop, SystemClock
from anoncam.frames.frame import Frame, Layout, Plane
from anoncam.sources.file import FileSource
from anoncam.sources.picamera2 import Picamera2Source
from anoncam.sources.rtsp import RtspSource
from anoncam.sources.simulated_picamera2 import SimulatedCamera, SimulatedLibrary
from anoncam.sources.source import Source
from anoncam.sources.synthetic import SyntheticSource
from anoncam.sources.v4l2 import V4l2Source
from tests.support.clips import make_clip, samples
from tests.support.fake_camera import FakeCamera
from tests.support.rtsp_server import RtspCamera

SECRET = "hunter2"  # noqa: S105


SIZE = (96, 64)


@dataclass
class Bench:
    """A source on the test bench, and what its frames must hold."""

    source: Source
    stop: Stop
    expected: Callable[[Frame], list[Plane]]
    block: Callable[[], None]
    """Make `read` wait for long, from the next frame or the one after on."""


Maker = Callable[[Path, Stop, ExitStack], Bench]


def clip_samples(frame: Frame) -> list[Plane]:
    return list(samples(frame.format.width, frame.format.height, int(frame.luma[0, 0])))


def make_file(folder: Path, stop: Stop, _: ExitStack) -> Bench:
    clip = make_clip(folder / "clip.mp4", size=SIZE)
    source = FileSource(clip, paced=False, loop=False, clock=SystemClock(), stop=stop)
    return Bench(source, stop, clip_samples, lambda: None)


def make_paced(folder: Path, stop: Stop, _: ExitStack) -> Bench:
    times = [*range(8), 100_000]
    clip = make_clip(
        folder / "clip.mkv", size=SIZE, times=times, time_base=Fraction(1, 100), rate=100
    )
    source = FileSource(clip, paced=True, loop=True, clock=SystemClock(), stop=stop)
    return Bench(source, stop, clip_samples, lambda: None)


def make_picture(folder: Path, stop: Stop, _: ExitStack) -> Bench:
    path = make_clip(
        folder / "still.png",
        "png",
        size=SIZE,
        pix_fmt="gray",
        times=[0],
        muxer_options={"update": "1"},
    )
    source = FileSource(path, paced=True, loop=True, clock=SystemClock(), stop=stop)

    def expected(frame: Frame) -> list[Plane]:
        luma = samples(*SIZE, 0)[0]
        return [luma, *(np.full_like(plane, 128) for plane in frame.chroma)]

    return Bench(source, stop, expected, lambda: None)


def make_synthetic(layout: Layout, stride: int) -> Maker:
    def make(_: Path, stop: Stop, __: ExitStack) -> Bench:
        source = SyntheticSource(
            96, 64, Fraction(100), clock=SystemClock(), stop=stop, layout=layout, stride=stride
        )
        begin: list[int] = []

        def expected(frame: Frame) -> list[Plane]:
            begin.append(frame.timestamp)
            count = 1 + round((frame.timestamp - source.begin) * 100 / NANOSECONDS)
            planes = [
                bars(96, 64, 8, 4 * count),
                bars(48, 32, 3, 2 * count),
                bars(48, 32, 2, 2 * count)[::-1],
            ]
            return interleaved(planes) if layout is Layout.NV12 else planes

        return Bench(source, stop, expected, lambda: None)

    return make


def bars(width: int, height: int, count: int, shift: int) -> Plane:
    """`count` ramps across the width, darker at the top, moved to the left."""
    ramp = (np.arange(width) + shift) % width * count * 192 // width % 192
    return cast(
        Plane,
        (32 + ramp * (64 + np.arange(height)[:, None] * 192 // height) // 256).astype(np.uint8),
    )


def interleaved(planes: list[Plane]) -> list[Plane]:
    return [planes[0], np.stack(planes[1:], axis=2)]


def make_simulated(layout: Layout, width: int) -> Maker:
    def make(_: Path, stop: Stop, __: ExitStack) -> Bench:
        camera = SimulatedCamera(layout)
        source = Picamera2Source(
            width,
            64,
            Fraction(100),
            silence=5,
            clock=SystemClock(),
            stop=stop,
            library=SimulatedLibrary(camera),
        )

        def expected(frame: Frame) -> list[Plane]:
            number = int(frame.luma[0, 0])
            across = np.arange(width)[None, :] + np.arange(64)[:, None]
            halves = [np.full((32, width // 2), value + number, np.uint8) for value in (64, 164)]
            planes = [(across + number).astype(np.uint8), *halves]
            return interleaved(planes) if layout is Layout.NV12 else planes

        return Bench(source, stop, expected, camera.hang)

    return make


def make_rtsp(_: Path, stop: Stop, stack: ExitStack) -> Bench:
    camera = stack.enter_context(RtspCamera(user="admin", password=SECRET))
    address = camera.address.replace("rtsp://", f"rtsp://admin:{SECRET}@")
    source = RtspSource(address, clock=SystemClock(), stop=stop, silence=20)
    return Bench(source, stop, clip_samples, camera.go_silent)


def make_v4l2(folder: Path, stop: Stop, stack: ExitStack) -> Bench:
    camera = stack.enter_context(FakeCamera(folder, size=SIZE))
    source = V4l2Source(
        camera.node,
        "yuv420p",
        *SIZE,
        Fraction(50),
        clock=SystemClock(),
        stop=stop,
        silence=20,
        opener=camera.open,
    )

    def block() -> None:
        camera.knobs.silent = 1

    return Bench(source, stop, clip_samples, block)


MAKERS: dict[str, Maker] = {
    "file": make_file,
    "file, paced and looped": make_paced,
    "picture, paced and looped": make_picture,
    "synthetic I420": make_synthetic(Layout.I420, 96),
    "synthetic NV12 with padding": make_synthetic(Layout.NV12, 128),
    "camera I420 with padding": make_simulated(Layout.I420, 96),
    "camera NV12 with padding": make_simulated(Layout.NV12, 96),
    "camera I420 with lores": make_simulated(Layout.I420, 1000),
    "camera NV12 with lores": make_simulated(Layout.NV12, 1000),
    "rtsp": make_rtsp,
    "v4l2": make_v4l2,
}
