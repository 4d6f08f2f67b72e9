"""Pan-and-zoom clips made of labelled pictures: hard footage with exact labels.

A window of 960x544 pans and zooms over each picture for 40 frames, then the clip cuts to the next
picture. Each picture is scaled up twice first. Every fifth frame is blurred as by motion, the light
changes, and the sensor is noisy. The clips show people: keep them in a cache, never in the project.
"""

import json
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from zlib import crc32

import av
import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFilter
from tqdm import tqdm

from tools.dataset.dataset import LabelledPicture
from tools.dataset.formats import read_dataset

WIDTH, HEIGHT = 960, 544


FRAMES = 40


FPS = 30


SMALLEST = 20.0
"""The least height in pixels of a face that counts."""


_UPSCALE = 2


_NARROWEST = 0.55
"""The smallest window, as a part of the largest that fits into the picture."""


_SOFT_EVERY, _SOFTNESS = 5, 1.5


_DARKEST = 0.45


_NOISE = 3.5
"""The standard deviation of the sensor's noise, in luma steps."""


Picture = NDArray[np.uint8]
"""RGB of shape (HEIGHT, WIDTH, 3)."""


Window = tuple[float, float, float]
"""Left, top and width, in pixels of the scaled picture."""


def make_clip(pictures: Path, cache: Path, *, count: int, seed: int = 0) -> Path:
    """Make the clip of `count` pictures, spread evenly over the folder, unless `cache` holds it.

    The same arguments give the same labels and the same pictures. Only the encoder, which has
    several threads, may round differently.

    Raises:
        InputError: the folder holds no labelled picture.
    """
    labelled = read_dataset(pictures).pictures
    count = min(count, len(labelled))
    chosen = [labelled[number * len(labelled) // count] for number in range(count)]
    path = cache / f"pan-and-zoom-{count}-seed-{seed}.mp4"
    if path.exists() and path.with_suffix(".json").exists():
        return path
    cache.mkdir(parents=True, exist_ok=True)
    part = path.with_suffix(".part.mp4")
    labels: dict[str, object] = {"width": WIDTH, "height": HEIGHT}
    faces: list[list[dict[str, object]]] = []
    others: list[list[list[float]]] = []
    with av.open(part, "w") as container:
        stream = container.add_stream(
            "libx264", rate=FPS, options={"preset": "veryfast", "crf": "20"}
        )
        stream.width, stream.height, stream.pix_fmt = WIDTH, HEIGHT, "yuv420p"
        for number, each in enumerate(tqdm(chosen, "pan and zoom", unit=" pictures", disable=None)):
            # The seed depends on the picture alone, so the number of pictures does not matter.
            generator = np.random.default_rng((seed, crc32(each.path.name.encode())))
            windows = _glide(_scaled_size(each), generator)
            for picture, window in zip(_film(each, windows, generator), windows, strict=True):
                frame = av.VideoFrame.from_ndarray(picture, "rgb24")
                frame.pts, frame.time_base = len(faces), Fraction(1, FPS)
                container.mux(stream.encode(frame))
                counting, rest = _labels(each, window, 1000 * number)
                faces.append(counting)
                others.append(rest)
        container.mux(stream.encode())
    labels |= {"frames": faces, "others": others, "cuts": list(range(FRAMES, len(faces), FRAMES))}
    path.with_suffix(".json").write_text(json.dumps(labels))
    part.rename(path)
    return path


def _scaled_size(labelled: LabelledPicture) -> tuple[int, int]:
    return labelled.width * _UPSCALE, labelled.height * _UPSCALE


def _glide(size: tuple[int, int], generator: np.random.Generator) -> list[Window]:
    """Move the window from one place and width to another, with the tremor of a hand."""
    width, height = size
    largest = min(width, height * WIDTH / HEIGHT)
    # On logarithms, so that the zoom is even.
    widths = np.exp(generator.uniform(np.log(_NARROWEST), 0, 2)) * largest
    places = generator.uniform(0, 1, (2, 2))
    phases = generator.uniform(0, 2 * np.pi, 2)
    windows = []
    for part in np.linspace(0, 1, FRAMES):
        eased = part * part * (3 - 2 * part)
        across = float(np.exp((1 - eased) * np.log(widths[0]) + eased * np.log(widths[1])))
        place = (1 - eased) * places[0] + eased * places[1]
        tremor = 0.004 * across * np.sin(2 * np.pi * 4 * part + phases)
        room = np.array([width - across, height - across * HEIGHT / WIDTH])
        left, top = np.clip(place * room + tremor, 0, np.maximum(room, 0)).tolist()
        windows.append((left, top, across))
    return windows


def _film(
    labelled: LabelledPicture, windows: list[Window], generator: np.random.Generator
) -> Iterator[Picture]:
    with Image.open(labelled.path) as opened:
        scaled = opened.convert("RGB").resize(_scaled_size(labelled), Image.Resampling.BICUBIC)
    first, last = generator.uniform(_DARKEST, 1, 2).tolist()
    lights = np.linspace(first, last, FRAMES)
    for number, ((left, top, across), light) in enumerate(zip(windows, lights, strict=True)):
        bounds = (
            left,
            top,
            min(left + across, scaled.width),
            min(top + across * HEIGHT / WIDTH, scaled.height),
        )
        seen = scaled.resize((WIDTH, HEIGHT), Image.Resampling.BICUBIC, box=bounds)
        if number % _SOFT_EVERY == _SOFT_EVERY - 1:
            seen = seen.filter(ImageFilter.GaussianBlur(_SOFTNESS))
        noise = generator.normal(0, _NOISE, (HEIGHT, WIDTH, 1)).astype(np.float32)
        yield (
            (np.asarray(seen, np.float32) * np.float32(light) + noise).clip(0, 255).astype(np.uint8)
        )


def _labels(
    labelled: LabelledPicture, window: Window, first: int
) -> tuple[list[dict[str, object]], list[list[float]]]:
    """The labels of the faces that count, and the boxes of others that are in view in part."""
    left, top, across = window
    scale = WIDTH / across
    counting: list[dict[str, object]] = []
    others: list[list[float]] = []
    for number, box in enumerate(labelled.boxes.tolist()):
        x, y = (box[0] * _UPSCALE - left) * scale, (box[1] * _UPSCALE - top) * scale
        width, height = box[2] * _UPSCALE * scale, box[3] * _UPSCALE * scale
        rounded = [round(value, 2) for value in (x, y, width, height)]
        if (
            x >= 0
            and y >= 0
            and x + width <= WIDTH
            and y + height <= HEIGHT
            and min(width, height) >= 2
        ):
            if height >= SMALLEST:
                counting.append({"track": first + number, "bbox": rounded})
            else:
                others.append(rounded)
        elif x < WIDTH and y < HEIGHT and x + width > 0 and y + height > 0:
            others.append(rounded)
    return counting, others
