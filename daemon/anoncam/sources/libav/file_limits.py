"""What a media file may ask for, as those who decode it are told."""

from dataclasses import dataclass


@dataclass(frozen=True)
class FileLimits:
    """The limits of `FilesSettings` that libav keeps; its schema takes long to load."""

    max_pixels: int
    max_streams: int
