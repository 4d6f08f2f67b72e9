"""Footage of a real face for the demo and the tests, with exact labels.

The face is the portrait that scikit-image carries, `skimage.data.astronaut()`: NASA's picture of
Eileen Collins, in the public domain. It is panned, zoomed, dimmed and turned out of view as by a
moving camera. The labels are its box under the same geometry, without any detector.
`tools.demo.scene` defines when a face is in view.
"""

import argparse
import json
from collections.abc import Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
from tqdm import tqdm

from tools.demo.camera_path import LENGTH, CameraPath
from tools.demo.labels import Label, Labels
from tools.demo.portrait import Box, Plane
from tools.demo.scene import Scene
from tools.demo.sensor import add_noise, exposure, make_noise

_SHOT = 1.5
"""Seconds from one cut to the next."""


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

    `width` and `height` are even. The path of the camera takes 20 seconds and then repeats. With
    `cuts`, the camera jumps to another place of its path, before another wall, every 1.5 seconds.
    The same arguments give the same pictures.

    Returns:
        The path of the labels.
    """
    scene = Scene(width, height)
    times = [index / fps for index in range(round(seconds * fps))]
    shots = [int(time // _SHOT) if cuts else 0 for time in times]
    generator = np.random.default_rng(seed)
    # Each jump is at least 3 seconds of the path long, in either direction.
    starts = np.concatenate([[0.0], np.cumsum(generator.uniform(3, LENGTH - 3, size=max(shots)))])
    camera = CameraPath(seed)
    places = [time + starts[shot] for time, shot in zip(times, shots, strict=True)]
    noise = make_noise(generator, width, height)
    pictures = (
        add_noise(scene.picture(exposure(camera, place, 1 / fps), shot), generator, noise)
        for place, shot in zip(places, shots, strict=True)
    )
    shown = tqdm(pictures, "making footage", len(times), unit=" frames", leave=False, disable=None)
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


def _labels(box: Box | None) -> list[Label]:
    return [] if box is None else [Label(track=0, bbox=[round(side, 1) for side in box])]


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
        prog="python -m tools.demo.footage",
        description="Make footage of a face, with labels.",
        epilog="Example: python -m tools.demo.footage footage.mp4 --seconds 5 --cuts",
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
        "--seed", type=int, default=0, help="seed of noise, tremor and cuts (default: %(default)s)"
    )
    parser.add_argument("--cuts", action="store_true", help="cut to another shot every 1.5 seconds")
    given = parser.parse_args()
    if given.width % 2 or given.height % 2 or min(given.width, given.height, given.fps) < 1:
        parser.error("width and height must be even, and all of them positive")
    try:
        labels = make_footage(
            given.output,
            width=given.width,
            height=given.height,
            fps=given.fps,
            seconds=given.seconds,
            seed=given.seed,
            cuts=given.cuts,
        )
    except OSError as error:
        parser.exit(1, f"error: {error}\n")
    print(f"{given.output}\n{labels}")


if __name__ == "__main__":
    main()
