"""Footage of a real face for the demo and the tests, with exact labels: ``python -m
tools.demo.footage OUTPUT.mp4``.

The face is the portrait that scikit-image carries, `skimage.data.astronaut()`: NASA's picture of
Eileen Collins, in the public domain. It is panned, zoomed, dimmed and turned out of view as a
moving camera would see it; the labels are its box under the same geometry, never a detector's
opinion. `tools.demo.scene` states when a face counts as in view.
"""

import argparse
import json
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path
from typing import NotRequired, TypedDict

import av
import numpy as np
from numpy.typing import NDArray
from tqdm import tqdm

from tools.demo.camera_path import LENGTH, CameraPath, Pose
from tools.demo.scene import Box, Plane, Scene

_SHUTTER = 0.5
"""The part of a frame's time for which the shutter is open."""

_LARGEST_STEP = 0.006
"""How far the camera moves between two pictures that make up a blurred one, in parts of the frame's
width."""

_NOISE = 3.0
"""The standard deviation of the sensor's noise, in luma steps."""

_SHOT = 1.5
"""Seconds from one cut to the next."""


class Label(TypedDict):
    """One face in one frame; `bbox` is x, y, width, height in pixels."""

    track: int
    bbox: list[float]


class Labels(TypedDict):
    """All faces of a video, frame by frame; `cuts` are the indices of frames that begin a new
    shot.
    """

    width: int
    height: int
    frames: list[list[Label]]
    cuts: NotRequired[list[int]]


def make_footage(
    path: Path,
    *,
    width: int = 1280,
    height: int = 720,
    fps: int = 30,
    seconds: float = 20.0,
    seed: int = 0,
    cuts: bool = False,
) -> Path:
    """Write footage to `path` (MP4) and its labels beside it (JSON).

    `width` and `height` are even. The camera's path takes 20 seconds and then repeats; with `cuts`
    it jumps to another place of its path, before another wall, every 1.5 seconds. The same
    arguments give the same pictures.

    Returns:
        The path of the labels.
    """
    scene = Scene(width, height)
    moments = [index / fps for index in range(round(seconds * fps))]
    shots = [int(moment // _SHOT) if cuts else 0 for moment in moments]
    generator = np.random.default_rng(seed)
    # Each jump is at least 3 seconds long, to either side, on a path that repeats.
    starts = np.concatenate([[0.0], np.cumsum(generator.uniform(3, LENGTH - 3, size=max(shots)))])
    camera = CameraPath(seed)
    places = [moment + starts[shot] for moment, shot in zip(moments, shots, strict=True)]
    noise = _noise(generator, width, height)
    pictures = (
        _with_noise(scene.picture(_exposure(camera, place, 1 / fps), shot), generator, noise)
        for place, shot in zip(places, shots, strict=True)
    )
    shown = tqdm(
        pictures, "making footage", len(moments), unit=" frames", leave=False, disable=None
    )
    _encode(path, shown, width, height, fps)
    labels = Labels(
        width=width,
        height=height,
        frames=[_labels(scene.face(camera.at(place))) for place in places],
    )
    if cuts:
        labels["cuts"] = [
            index for index in range(1, len(shots)) if shots[index] != shots[index - 1]
        ]
    labels_path = path.with_suffix(".json")
    labels_path.write_text(json.dumps(labels))
    return labels_path


def read_labels(path: Path) -> Labels:
    """The labels in a file that `make_footage` wrote, or in one of the same form."""
    labels: Labels = json.loads(path.read_text())
    return labels


def _labels(box: Box | None) -> list[Label]:
    return [] if box is None else [Label(track=0, bbox=[round(side, 1) for side in box])]


def _exposure(camera: CameraPath, moment: float, frame_time: float) -> list[Pose]:
    """The poses while the shutter is open around `moment`, close enough together for the blur to
    look smooth.
    """
    middle = camera.at(moment)
    half = _SHUTTER * frame_time / 2
    first, last = camera.at(moment - half), camera.at(moment + half)
    count = round(max(abs(last.x - first.x), abs(last.y - first.y)) / _LARGEST_STEP)
    if count < 2:
        return [middle]
    return [camera.at(moment + part * half) for part in np.linspace(-1, 1, min(count, 4)).tolist()]


def _noise(generator: np.random.Generator, width: int, height: int) -> NDArray[np.int16]:
    """A field of noise larger than a frame: each frame takes another part of it, which costs no new
    numbers.
    """
    return np.rint(generator.normal(0, _NOISE, (height + 128, width + 128))).astype(np.int16)


def _with_noise(picture: Plane, generator: np.random.Generator, noise: NDArray[np.int16]) -> Plane:
    rows, columns = picture.shape[0] * 2 // 3, picture.shape[1]
    top, left = generator.integers(0, 128, 2)
    luma = picture[:rows] + noise[top : top + rows, left : left + columns]
    picture[:rows] = np.clip(luma, 16, 235)
    return picture


def _encode(path: Path, pictures: Iterable[Plane], width: int, height: int, fps: int) -> None:
    with av.open(path, "w") as container:
        stream = container.add_stream(
            "libx264", rate=fps, options={"preset": "ultrafast", "crf": "23"}
        )
        stream.width, stream.height, stream.pix_fmt = width, height, "yuv420p"
        for index, picture in enumerate(pictures):
            frame = av.VideoFrame.from_ndarray(picture, "yuv420p")
            frame.pts, frame.time_base = index, Fraction(1, fps)
            container.mux(stream.encode(frame))
        container.mux(stream.encode())


def main() -> None:
    """The command line."""
    parser = argparse.ArgumentParser(
        prog="python -m tools.demo.footage", description="Make footage of a face, with labels."
    )
    parser.add_argument("output", type=Path, metavar="OUTPUT.mp4")
    parser.add_argument(
        "--width", type=int, default=1280, help="pixels, even (default: %(default)s)"
    )
    parser.add_argument(
        "--height", type=int, default=720, help="pixels, even (default: %(default)s)"
    )
    parser.add_argument(
        "--fps", type=int, default=30, help="frames per second (default: %(default)s)"
    )
    parser.add_argument("--seconds", type=float, default=20.0, help="length (default: %(default)s)")
    parser.add_argument(
        "--seed", type=int, default=0, help="of noise, tremor and cuts (default: %(default)s)"
    )
    parser.add_argument("--cuts", action="store_true", help="cut to another shot every 1.5 seconds")
    given = parser.parse_args()
    labels = make_footage(
        given.output,
        width=given.width,
        height=given.height,
        fps=given.fps,
        seconds=given.seconds,
        seed=given.seed,
        cuts=given.cuts,
    )
    print(f"{given.output}\n{labels}")


if __name__ == "__main__":
    main()
