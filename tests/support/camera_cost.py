"""Processor time for each picture of a USB camera: in a confined process, and in the reader's own.

    python -m tests.support.camera_cost --size 1920x1080

Both have the same driver, libav and copy into the pool.
"""

import argparse
import os
import subprocess
import sys
import tempfile
from fractions import Fraction
from pathlib import Path
from statistics import median

import av

from anoncam.clock import Stop, SystemClock
from anoncam.frames.pool import FramePool
from anoncam.sources.libav.converter import Converter
from anoncam.sources.libav.frame_format import describe_format
from anoncam.sources.v4l2 import V4l2Source
from tests.support.fake_camera import FakeCamera, built_library, encoded

KINDS = {"MJPG": ("mjpeg", "yuvj422p", "mjpeg"), "YUYV": ("rawvideo", "yuyv422", "yuyv422")}
"""The encoder, its pixel format, and what libav calls the format of the camera."""

_FEW, _MANY, _ROUNDS = 50, 250, 5


def main() -> None:
    """Print the milliseconds of each way, and their ratio."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--size", default="1920x1080")
    parser.add_argument("--one", nargs=3)
    arguments = parser.parse_args()
    width, height = map(int, arguments.size.split("x"))
    if arguments.one:
        kind, way, count = arguments.one
        _read(kind, way, (width, height), int(count))
        return
    for kind in KINDS:
        costs: dict[str, list[float]] = {"own": [], "confined": []}
        for _ in range(_ROUNDS):
            for way, found in costs.items():
                spans = [_measure(arguments.size, kind, way, count) for count in (_FEW, _MANY)]
                found.append((spans[1] - spans[0]) / (_MANY - _FEW) * 1000)
        own, confined = median(costs["own"]), median(costs["confined"])
        ratio = confined / own
        print(f"{kind}: {own:.2f} ms in its own, {confined:.2f} ms confined, ratio {ratio:.3f}")


def _measure(size: str, kind: str, way: str, count: int) -> float:
    """Seconds of processor time that reading takes, with all processes of it."""
    environment = dict(os.environ)
    if way == "own":
        environment["LD_PRELOAD"] = str(built_library())
    command = [sys.executable, "-m", "tests.support.camera_cost", "--size", size]
    process = subprocess.Popen([*command, "--one", kind, way, str(count)], env=environment)
    _, status, usage = os.wait4(process.pid, 0)
    process.returncode = status
    if status:
        raise SystemExit(f"reading has ended with {status}")
    return usage.ru_utime + usage.ru_stime


def _read(kind: str, way: str, size: tuple[int, int], count: int) -> None:
    codec, pix_fmt, name = KINDS[kind]
    with tempfile.TemporaryDirectory() as folder:
        camera = FakeCamera(Path(folder), kind, size, encoded(codec, pix_fmt, size))
        camera.knobs.pause_us = 6000
        if way == "own":
            _read_here(camera, name, size, count)
        else:
            with camera:
                _read_confined(camera, name, size, count)


def _read_here(camera: FakeCamera, name: str, size: tuple[int, int], count: int) -> None:
    converter = Converter()
    options = {"input_format": name, "video_size": f"{size[0]}x{size[1]}"}
    with av.open(str(camera.path), format="v4l2", container_options=options) as container:
        stream = container.streams.video[0]
        pictures = container.decode(stream)
        first = next(pictures)
        pool = FramePool(describe_format(first, stream, 0), 2)
        for _, source in zip(range(count), pictures, strict=False):
            frame = pool.acquire()
            assert frame is not None
            converter.copy(source, frame)
            pool.release(frame)
        del first, source


def _read_confined(camera: FakeCamera, name: str, size: tuple[int, int], count: int) -> None:
    clock, stop, rate = SystemClock(), Stop(), Fraction(50)
    with V4l2Source(
        camera.node, name, *size, rate, clock=clock, stop=stop, silence=20, opener=camera.open
    ) as source:
        pool = FramePool(source.format, 2)
        for _ in range(count):
            frame = pool.acquire()
            capture = source.read()
            assert frame is not None
            assert capture is not None
            capture.copy_into(frame)
            capture.close()
            pool.release(frame)


if __name__ == "__main__":
    main()
