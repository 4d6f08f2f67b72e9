"""Pictures as the detector gets them."""

from collections.abc import Iterator
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from anoncam.errors import InputError

SUFFIXES = (".jpg", ".jpeg", ".png")


def choose(folder: Path, count: int) -> list[Path]:
    """Choose `count` pictures of `folder`, spread evenly over their names in alphabetical order.

    A folder that has fewer is taken whole.

    Raises:
        InputError: there is no picture in the folder.
    """
    paths = sorted(path for path in folder.iterdir() if path.suffix.lower() in SUFFIXES)
    if not paths:
        raise InputError(
            f"{folder}: holds no picture", f"pass a folder of {', '.join(SUFFIXES)} files"
        )
    return (
        [paths[index * len(paths) // count] for index in range(count)]
        if count < len(paths)
        else paths
    )


def letterbox(picture: Image.Image, width: int, height: int) -> NDArray[np.uint8]:
    """Scale `picture` to fit at the top left of black: RGB of shape (height, width, 3)."""
    scale = min(width / picture.width, height / picture.height)
    size = max(1, round(picture.width * scale)), max(1, round(picture.height * scale))
    canvas = np.zeros((height, width, 3), np.uint8)
    canvas[: size[1], : size[0]] = np.asarray(
        picture.convert("RGB").resize(size, Image.Resampling.BILINEAR)
    )
    return canvas


def read(paths: list[Path], width: int, height: int) -> Iterator[NDArray[np.uint8]]:
    """Yield each picture, letterboxed.

    Raises:
        InputError: a file is not a picture.
    """
    for path in paths:
        try:
            with Image.open(path) as picture:
                yield letterbox(picture, width, height)
        except OSError as error:
            raise InputError(
                f"{path}: cannot be read as a picture", "repair or remove it"
            ) from error
