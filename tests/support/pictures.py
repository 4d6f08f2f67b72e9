"""Pictures of a face, as cameras write them."""

from pathlib import Path

import numpy as np
from PIL import Image
from skimage.data import astronaut

_ORIENTATION, _GPS = 0x0112, 0x8825

FACE = (180, 62, 90, 113)
"""Left, top, width and height of the portrait's face, as people would draw it."""


def portrait(path: Path, orientation: int = 1) -> Path:
    """Write a portrait with an EXIF orientation (1, 6, 3 or 8) and a place."""
    exif = Image.Exif()
    exif[_ORIENTATION] = orientation
    exif[_GPS] = {1: "N", 2: (52.0, 31.0, 12.0)}
    turned = np.rot90(astronaut(), {1: 0, 6: 1, 3: 2, 8: 3}[orientation])
    Image.fromarray(np.ascontiguousarray(turned)).save(path, exif=exif, quality=95)
    return path
