"""The clip that is measured when the user names none."""

from pathlib import Path

from tools.bench.figures import CLIPS
from tools.demo.footage import make_footage

_SHARED_CLIP = "four-scenes-1080p30.mp4"


def default_clip(folder: Path) -> Path:
    """Find the shared clip of 1920x1080, or generate one like it in `folder`."""
    shared = CLIPS / _SHARED_CLIP
    if shared.exists():
        return shared
    path = folder / "generated-1080p30.mp4"
    make_footage(path, width=1920, height=1080, seconds=10)
    return path
